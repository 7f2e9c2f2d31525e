package dev.sluice.webhook;

import dev.sluice.event.DedupId;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Recognises a request that is sent under the Idempotency-Key of another one. That each event of a request is accepted once is
 * the lanes' affair, which find it again by the key and the request together.
 */
@ApplicationScoped
class Idempotency {
    private final Script script = Script.named("idempotency");
    private final Scripts scripts;
    private final PublishedSource source;

    /** What a request is under its key. */
    enum Seen {
        /** The first. */
        NEW,
        /** The same as the first. */
        SAME,
        /** Not the same as the first. */
        OTHER
    }

    Idempotency(Scripts scripts, PublishedSource source) {
        this.scripts = scripts;
        this.source = source;
    }

    /** Remembers a request under its key, if there is none yet.
     *
     * @param request digest of the whole request
     */
    Uni<Seen> see(String key, DedupId request) {
        String id = DedupId.ofSenderId(PublishedSource.NAME, key).text();
        Call call = new Call(script)
                .key("sluice:{" + id + "}:idempotency")
                .arg(request.bytes())
                .arg(source.window().toMillis());
        return scripts.run(call).map(answer -> switch (answer.toString()) {
            case "new" -> Seen.NEW;
            case "same" -> Seen.SAME;
            default -> Seen.OTHER;
        });
    }
}
