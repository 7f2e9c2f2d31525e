package dev.sluice.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The registered webhooks in Redis. Each change has a version, by which gateways learn what they have not heard of yet. */
@ApplicationScoped
public class WebhookStore {
    private static final String WEBHOOKS = "sluice:{fleet}:webhooks";
    private static final String CHANGED = "sluice:{fleet}:changed";
    private static final String VERSION = "sluice:{fleet}:version";
    private static final String REMOVED = "sluice:{fleet}:removed";
    private static final String FLOOR = "sluice:{fleet}:floor";
    private static final String FAILING = "sluice:{fleet}:failing";
    private static final int CHANGES_A_CALL = 500;
    private static final int REMOVED_A_CALL = 100;
    private static final long NEW = 0;
    private static final long ONLY_LANES = -1;
    private static final String NOTHING = "";
    private static final String ANY = "";

    private final Script put = Script.named("webhook_put");
    private final Script changes = Script.named("webhook_changes");
    private final Script removed = Script.named("webhook_removed");
    private final Script forget = Script.named("webhook_forget");
    private final Script failing = Script.named("failing");
    private final Scripts scripts;
    private final ObjectMapper json;

    /** What became of a change. */
    public sealed interface Written {
        /** It holds; every gateway hears of it under this version. */
        record Done(long version) implements Written {}

        /** There is no such webhook. */
        record Absent() implements Written {}

        /** Somebody else changed it meanwhile. */
        record Conflict() implements Written {}
    }

    /**
     * What was changed of one webhook.
     *
     * @param version that of the change, by which the next one tells what it replaces
     * @param webhook empty when it was removed
     */
    public record Change(String id, long version, Optional<Webhook> webhook) {}

    /**
     * Some changes.
     *
     * @param anew whether they are everything there is, because what was removed meanwhile is forgotten
     * @param upTo the version up to which they tell
     * @param isAll whether there are no more
     */
    public record Changes(boolean anew, long upTo, boolean isAll, List<Change> list) {}

    public WebhookStore(Scripts scripts, ObjectMapper json) {
        this.scripts = scripts;
        this.json = json;
    }

    /** Registers a webhook under an id that never was one's. */
    public Uni<Written> add(String id, Webhook webhook) {
        return put(id, NEW, write(webhook));
    }

    /** Replaces what the webhook was under a version. */
    public Uni<Written> replace(String id, long version, Webhook webhook) {
        return put(id, version, write(webhook));
    }

    /** Removes a webhook; what is queued for it is then to be cleared away. */
    public Uni<Written> remove(String id, long version) {
        return put(id, version, NOTHING);
    }

    /** Has cleared away what is in the lanes of a webhook that is none: an accept that was long on its way put it there. */
    public Uni<Written> removeRest(String id) {
        return put(id, ONLY_LANES, NOTHING);
    }

    /** What changed since a version: not all of it at once, when it is much. */
    public Uni<Changes> since(long version) {
        Call call = new Call(changes)
                .key(WEBHOOKS)
                .key(CHANGED)
                .key(VERSION)
                .key(FLOOR)
                .arg(version)
                .arg(CHANGES_A_CALL);
        return scripts.run(call).map(this::read);
    }

    /** Some of the webhooks that are removed and not yet cleared away, with the version that removed each. */
    public Uni<List<Change>> removed() {
        return removed(ANY);
    }

    /** The version that removed a webhook; empty when there was none of that id, or it is cleared away already. */
    Uni<Optional<Long>> removedUnder(String id) {
        return removed(id).map(found -> found.stream().findFirst().map(Change::version));
    }

    private Uni<List<Change>> removed(String id) {
        Call call = new Call(removed).key(REMOVED).arg(REMOVED_A_CALL).arg(id);
        return scripts.run(call).map(answer -> {
            List<Change> list = new ArrayList<>();
            for (int i = 0; i < answer.size(); i += 2) {
                list.add(new Change(answer.get(i).toString(), answer.get(i + 1).toLong(), Optional.empty()));
            }
            return list;
        });
    }

    /** Remembers how an attempt to send to a webhook ended.
     *
     * @return for how long it has failed by now without a single success between
     */
    public Uni<Duration> ended(String id, boolean delivered) {
        Call call = new Call(failing).key(FAILING).arg(id).arg(delivered ? "delivered" : "failed");
        return scripts.run(call).map(answer -> Duration.ofMillis(answer.toLong()));
    }

    /** Nothing is left of a removed webhook. */
    public Uni<Void> forget(String id) {
        return scripts.run(new Call(forget)
                        .key(CHANGED)
                        .key(REMOVED)
                        .key(FLOOR)
                        .key(FAILING)
                        .arg(id))
                .replaceWithVoid();
    }

    private Uni<Written> put(String id, long version, String record) {
        Call call = new Call(put)
                .key(WEBHOOKS)
                .key(CHANGED)
                .key(VERSION)
                .key(REMOVED)
                .arg(id)
                .arg(version)
                .arg(record);
        return scripts.run(call).map(answer -> switch (answer.get(0).toString()) {
            case "done" -> new Written.Done(answer.get(1).toLong());
            case "absent" -> new Written.Absent();
            default -> new Written.Conflict();
        });
    }

    private Changes read(Response answer) {
        List<Change> list = new ArrayList<>();
        for (int i = 2; i < answer.size(); i += 3) {
            list.add(new Change(
                    answer.get(i).toString(),
                    answer.get(i + 1).toLong(),
                    read(answer.get(i + 2).toString())));
        }
        return new Changes(answer.get(0).toInteger() == 1, answer.get(1).toLong(), list.size() < CHANGES_A_CALL, list);
    }

    private Optional<Webhook> read(String record) {
        try {
            return record.equals(NOTHING) ? Optional.empty() : Optional.of(json.readValue(record, Webhook.class));
        } catch (IOException e) {
            throw new UncheckedIOException("a webhook is not stored whole", e);
        }
    }

    private String write(Webhook webhook) {
        try {
            return json.writeValueAsString(webhook);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("every part of a webhook can be written", e);
        }
    }
}
