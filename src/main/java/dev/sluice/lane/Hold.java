package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/**
 * Holds a target for all gateways: nothing of it is leased until the hold ends, and accepted events queue. A hold is one
 * record a partition; it touches no lane, however many wait.
 */
@ApplicationScoped
public class Hold {
    private static final int CALLS_AT_ONCE = 16;

    private final Script script = Script.named("hold");
    private final Scripts scripts;
    private final LaneSettings settings;

    Hold(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Holds the target in every partition; one that is held for longer already stays so. */
    public Uni<Void> hold(String target, Duration length) {
        return Multi.createFrom()
                .range(0, settings.partitions())
                .onItem()
                .transformToUni(partition -> holdIn(new Partition(partition), target, length))
                .merge(CALLS_AT_ONCE)
                .onItem()
                .ignoreAsUni();
    }

    private Uni<Void> holdIn(Partition where, String target, Duration length) {
        Call call = new Call(script)
                .key(where.key("t"))
                .key(where.key("due"))
                .arg(target)
                .arg(length.toMillis());
        return scripts.run(call).replaceWithVoid();
    }
}
