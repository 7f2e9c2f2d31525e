package dev.sluice.redis;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs scripts, timed. A server that does not know one yet is given its text. While a slot of a cluster moves, the client
 * itself goes on trying (TRYAGAIN, MOVED, ASK) until the call's time is up.
 */
@ApplicationScoped
public class Scripts {
    private final RedisLink redis;
    private final MeterRegistry meters;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();

    public Scripts(RedisLink redis, MeterRegistry meters) {
        this.redis = redis;
        this.meters = meters;
    }

    /** Runs a script.
     *
     * @return fails with {@link StoreUnavailable} only; whether the script ran is then unknown, unless Redis refused it
     */
    public Uni<Response> run(Call call) {
        long start = System.nanoTime();
        return redis.send(call.bySha1())
                .onFailure(failure -> isError(failure, "NOSCRIPT"))
                .recoverWithUni(() -> redis.send(call.byText()))
                .onFailure(failure -> !(failure instanceof StoreUnavailable))
                .transform(failure ->
                        new StoreUnavailable("Redis refused " + call.script().name() + ": " + failure.getMessage()))
                .eventually(() -> timer(call.script()).record(Duration.ofNanos(System.nanoTime() - start)));
    }

    private Timer timer(Script script) {
        return timers.computeIfAbsent(
                script.name(),
                name -> Timer.builder("sluice.redis")
                        .description("Calls to Redis, by script, as the gateway sees them")
                        .tag("script", name)
                        .register(meters));
    }

    private static boolean isError(Throwable failure, String kind) {
        return failure instanceof ErrorType error && error.is(kind);
    }
}
