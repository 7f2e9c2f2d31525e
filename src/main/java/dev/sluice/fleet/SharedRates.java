package dev.sluice.fleet;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Rates that all gateways keep to together. */
@ApplicationScoped
public class SharedRates {
    private final Script script = Script.named("permits");
    private final Scripts scripts;

    SharedRates(Scripts scripts) {
        this.scripts = scripts;
    }

    /**
     * What was asked for, or less.
     *
     * @param permits how many; none when the rate is spent
     * @param next how long until there is one, where it is none
     */
    public record Permits(int permits, Duration next) {}

    /** Asks for permits; what is given and not used is lost.
     *
     * @param name whose rate it is
     * @param step from one permit to the next
     * @param burst how many may gather while none is asked for
     * @return fails with {@link dev.sluice.redis.StoreUnavailable}
     */
    public Uni<Permits> take(String name, Duration step, int burst, int wanted) {
        Call call = new Call(script)
                .key("sluice:{rate:" + name + "}:rate")
                .arg(TimeUnit.NANOSECONDS.toMicros(step.toNanos()))
                .arg(burst)
                .arg(wanted);
        return scripts.run(call)
                .map(answer -> new Permits(
                        answer.get(0).toInteger(),
                        Duration.ofMillis(answer.get(1).toLong())));
    }
}
