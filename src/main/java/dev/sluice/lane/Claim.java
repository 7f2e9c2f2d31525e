package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Moment;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Leases ready lanes of one target to this gateway. */
@ApplicationScoped
public class Claim {
    private final Script script = Script.named("claim");
    private final Scripts scripts;
    private final Layout layout;
    private final LaneSettings settings;

    /** What came of a claim. */
    public sealed interface Claimed {
        /** The target is held, by this gateway or another, for that long. */
        record Held(Duration remaining) implements Claimed {}

        /**
         * These lanes are this gateway's now.
         *
         * @param next when the next lane of the target is due in this partition, from now; empty when there is none
         */
        record Lanes(List<Lease> leases, Optional<Duration> next) implements Claimed {}
    }

    Claim(Scripts scripts, Layout layout, LaneSettings settings) {
        this.scripts = scripts;
        this.layout = layout;
        this.settings = settings;
    }

    /** Leases lanes that are ready.
     *
     * @param most how many lanes at the most
     */
    public Uni<Claimed> claim(int partition, String target, int most) {
        return layout.agreed().chain(() -> {
            Duration noLeases = layout.noLeases();
            return noLeases.isZero()
                    ? claimNow(partition, target, most)
                    : Uni.createFrom().item(new Claimed.Lanes(List.of(), Optional.of(noLeases)));
        });
    }

    private Uni<Claimed> claimNow(int partition, String target, int most) {
        Partition where = new Partition(partition);
        Call call = new Call(script)
                .key(where.key("w", target))
                .key(where.key("due"))
                .key(where.key("l"))
                .key(where.key("m"))
                .key(where.key("t"))
                .key(where.key("n"))
                .arg(target)
                .arg(most)
                .arg(settings.lease().toMillis());
        Moment before = Moment.now();
        return scripts.run(call).map(answer -> claimed(answer, partition, target, before));
    }

    private Claimed claimed(Response answer, int partition, String target, Moment before) {
        long millis = answer.get(1).toLong();
        if (answer.get(0).toString().equals("held")) {
            return new Claimed.Held(Duration.ofMillis(millis));
        }
        List<Lease> leases = new ArrayList<>();
        for (int i = 2; i < answer.size(); i += 2) {
            String lane = answer.get(i).toString();
            String token = answer.get(i + 1).toString();
            leases.add(new Lease(target, lane, partition, token, settings.lease(), before));
        }
        return new Claimed.Lanes(leases, millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis)));
    }
}
