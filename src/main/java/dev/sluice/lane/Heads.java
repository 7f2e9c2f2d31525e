package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Durability;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.IntStream;

/** Reads what stands first in leased lanes. */
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

        /** What stands there is not as this gateway writes it. */
        record Unreadable(String reason) implements Head {}

        /** It is not to be sent but set aside: an operator wishes so. */
        record Skipped(String id) implements Head {}

        /** The event, to be delivered. */
        record Found(Leased leased) implements Head {}
    }

    /**
     * Reads the heads of leased lanes of one partition.
     *
     * @return those of the first of them, one at least, in their order: where they are large, not all at once
     */
    public Uni<List<Head>> read(List<Lease> leases) {
        Partition where = new Partition(leases.get(0).partition());
        Call call = new Call(script).key(where.key("l")).key(where.key("e"));
        for (Lease lease : leases) {
            call.key(where.key("q", lease.lane())).arg(lease.lane()).arg(lease.token());
        }
        return scripts.run(call)
                .map(answer -> IntStream.range(0, answer.size())
                        .mapToObj(i -> head(answer.get(i), leases.get(i)))
                        .toList())
                .chain(heads -> safe(where, leases.subList(0, heads.size()), heads));
    }

    /** A claim is not waited for; renewing it is, and with it for all that was written before. */
    private Uni<List<Head>> safe(Partition where, List<Lease> leases, List<Head> heads) {
        List<Lease> unsafe = leases.stream()
                .filter(lease -> !(settings.deciding(lease.source()) instanceof Durability.Memory))
                .toList();
        return unsafe.isEmpty()
                ? Uni.createFrom().item(heads)
                : renew.renew(where.number(), unsafe)
                        .map(lost -> IntStream.range(0, heads.size())
                                .mapToObj(i -> lost.contains(leases.get(i)) ? new Head.Stale() : heads.get(i))
                                .toList());
    }

    private static Head head(Response answer, Lease lease) {
        return switch (answer.get(0).toString()) {
            case "stale" -> new Head.Stale();
            case "lost" -> new Head.Lost(answer.get(1).toString());
            case "skipped" -> new Head.Skipped(answer.get(1).toString());
            default -> found(answer, lease);
        };
    }

    /** Of lanes that are read together one that cannot be read does not hold up the others. */
    private static Head found(Response answer, Lease lease) {
        try {
            QueuedEvent event =
                    StoredEvent.read(answer.get(1).toString(), answer.get(2).toBuffer());
            return new Head.Found(new Leased(lease, event, answer.get(3).toInteger()));
        } catch (RuntimeException e) {
            return new Head.Unreadable(String.valueOf(e.getMessage()));
        }
    }
}
