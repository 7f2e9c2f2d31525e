package dev.sluice.lane;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Runs scripts, timed, and again where that is safe: a refused script has changed nothing. */
@ApplicationScoped
class Scripts {
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(20);
    private static final Duration LONGEST_WAIT = Duration.ofMillis(200);
    private static final int TRIES_WHILE_SLOTS_MOVE = 4;

    private final RedisLink redis;
    private final MeterRegistry meters;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();

    Scripts(RedisLink redis, MeterRegistry meters) {
        this.redis = redis;
        this.meters = meters;
    }

    /** Runs a script.
     *
     * @return fails with {@link StoreUnavailable} only; whether the script ran is then unknown, unless Redis refused it
     */
    Uni<Response> run(Call call) {
        long start = System.nanoTime();
        return redis.send(call.bySha1())
                .onFailure(failure -> isError(failure, "NOSCRIPT"))
                .recoverWithUni(() -> redis.send(call.byText()))
                // While slots of a cluster move, a script whose keys are on both sides is refused for an instant.
                .onFailure(failure -> isError(failure, "TRYAGAIN"))
                .retry()
                .withBackOff(SHORTEST_WAIT, LONGEST_WAIT)
                .withJitter(1)
                .atMost(TRIES_WHILE_SLOTS_MOVE)
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
