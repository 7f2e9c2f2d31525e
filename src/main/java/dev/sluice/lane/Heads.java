package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;

/** Reads what stands first in a leased lane. */
@ApplicationScoped
public class Heads {
    private final Script script = Script.named("head");
    private final Scripts scripts;

    Heads(Scripts scripts) {
        this.scripts = scripts;
    }

    /** What stands first. */
    public sealed interface Head {
        /** The lease is no longer this gateway's. */
        record Stale() implements Head {}

        /** Redis no longer has the event: it evicts keys, or somebody removed one. */
        record Lost(String id) implements Head {}

        /** The event, to be delivered. */
        record Found(Leased leased) implements Head {}
    }

    /** Reads the head of a leased lane. */
    public Uni<Head> read(Lease lease) {
        Partition where = new Partition(lease.partition());
        Call call = new Call(script)
                .key(where.key("q", lease.lane()))
                .key(where.key("l"))
                .key(where.key("e"))
                .arg(lease.lane())
                .arg(lease.token());
        return scripts.run(call).map(answer -> head(answer, lease));
    }

    private static Head head(Response answer, Lease lease) {
        return switch (answer.get(0).toString()) {
            case "stale" -> new Head.Stale();
            case "lost" -> new Head.Lost(answer.get(1).toString());
            default -> {
                QueuedEvent event =
                        StoredEvent.read(answer.get(1).toString(), answer.get(2).toBuffer());
                yield new Head.Found(new Leased(lease, event, answer.get(3).toInteger()));
            }
        };
    }
}
