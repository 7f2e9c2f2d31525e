package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.Function;

/**
 * Holds a target for all gateways: nothing of it is leased until the hold ends, and accepted events queue. A hold is one
 * record a partition; it touches no lane, however many wait.
 */
@ApplicationScoped
public class Hold {
    /** For a hold that only ends when somebody ends it. */
    public static final Duration FOR_EVER = Duration.ofDays(365 * 100);

    private static final int CALLS_AT_ONCE = 16;

    private final Script hold = Script.named("hold");
    private final Script resume = Script.named("resume");
    private final Scripts scripts;
    private final LaneSettings settings;

    Hold(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Whether so much is left of a hold that is for ever. */
    public static boolean isForEver(Duration remaining) {
        return remaining.compareTo(FOR_EVER.dividedBy(2)) > 0;
    }

    /** Holds the target in every partition; one that is held for longer already stays so. */
    public Uni<Void> hold(String target, Duration length) {
        return everywhere(partition -> holdIn(partition, target, length));
    }

    /** Ends a hold in every partition. */
    public Uni<Void> resume(String target) {
        return everywhere(partition -> resumeIn(partition, target));
    }

    private Uni<Void> everywhere(Function<Partition, Uni<Void>> call) {
        return Multi.createFrom()
                .range(0, settings.partitions())
                .onItem()
                .transformToUni(partition -> call.apply(new Partition(partition)))
                .merge(CALLS_AT_ONCE)
                .onItem()
                .ignoreAsUni();
    }

    private Uni<Void> holdIn(Partition where, String target, Duration length) {
        Call call = new Call(hold)
                .key(where.key("t"))
                .key(where.key("due"))
                .arg(target)
                .arg(length.toMillis());
        return scripts.run(call).replaceWithVoid();
    }

    private Uni<Void> resumeIn(Partition where, String target) {
        Call call = new Call(resume)
                .key(where.key("t"))
                .key(where.key("due"))
                .key(where.key("w", target))
                .arg(target);
        return scripts.run(call).replaceWithVoid();
    }
}
