package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Durability;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Reads what stands first in a leased lane. */
@ApplicationScoped
public class Heads {
    private final Script script = Script.named("head");
    private final Scripts scripts;
    private final Renew renew;
    private final LaneSettings settings;

    Heads(Scripts scripts, Renew renew, LaneSettings settings) {
        this.scripts = scripts;
        this.renew = renew;
        this.settings = settings;
    }

    /** What stands first. */
    public sealed interface Head {
        /** The lease is no longer this gateway's. */
        record Stale() implements Head {}

        /** Redis no longer has the event: it evicts keys, or somebody removed one. */
        record Lost(String id) implements Head {}

        /** It is not to be sent but set aside: an operator wishes so. */
        record Skipped(String id) implements Head {}

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
        Uni<Head> head = scripts.run(call).map(answer -> head(answer, lease));
        return settings.deciding(lease.source()) instanceof Durability.Memory
                ? head
                : head.chain(found -> safe(lease, found));
    }

    /** A claim is not waited for; renewing it is, and with it for all that was written before. */
    private Uni<Head> safe(Lease lease, Head found) {
        return renew.renew(lease.partition(), List.of(lease)).map(lost -> lost.isEmpty() ? found : new Head.Stale());
    }

    private static Head head(Response answer, Lease lease) {
        return switch (answer.get(0).toString()) {
            case "stale" -> new Head.Stale();
            case "lost" -> new Head.Lost(answer.get(1).toString());
            case "skipped" -> new Head.Skipped(answer.get(1).toString());
            default -> {
                QueuedEvent event =
                        StoredEvent.read(answer.get(1).toString(), answer.get(2).toBuffer());
                yield new Head.Found(new Leased(lease, event, answer.get(3).toInteger()));
            }
        };
    }
}
