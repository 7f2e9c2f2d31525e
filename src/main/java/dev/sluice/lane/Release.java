package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Hands a lease back with nothing settled: no attempt is counted, and any gateway may claim the lane at once. */
@ApplicationScoped
public class Release {
    private final Script script = Script.named("release");
    private final Scripts scripts;

    Release(Scripts scripts) {
        this.scripts = scripts;
    }

    public Uni<Void> release(Lease lease) {
        Partition where = new Partition(lease.partition());
        Call call = new Call(script)
                .key(where.key("w", lease.target()))
                .key(where.key("l"))
                .key(where.key("e"))
                .key(where.key("due"))
                .key(where.ages(lease.target()))
                .key(where.key("n"))
                .key(where.key("q", lease.lane()))
                .key(where.key("t"))
                .arg(lease.target())
                .arg(lease.lane())
                .arg(lease.token());
        return scripts.run(call).replaceWithVoid();
    }
}
