package dev.sluice.redis;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs scripts, timed. A server that does not know one yet is given its text. While a slot of a cluster moves, the client
 * itself goes on trying (TRYAGAIN, MOVED, ASK) until the call's time is up; calls that wait to be safe it does not follow there.
 */
@ApplicationScoped
public class Scripts {
    private final RedisLink redis;
    private final Servers servers;
    private final MeterRegistry meters;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();
    private final Map<Alike, GroupCommit> commits = new ConcurrentHashMap<>();

    /** Calls that may wait together. */
    private record Alike(String script, Durability durability) {}

    public Scripts(RedisLink redis, Servers servers, MeterRegistry meters) {
        this.redis = redis;
        this.servers = servers;
        this.meters = meters;
    }

    /** Runs a script.
     *
     * @return fails with {@link StoreUnavailable} only; whether the script ran is then unknown, unless Redis refused it
     */
    public Uni<Response> run(Call call) {
        long start = System.nanoTime();
        return servers.confirmation(call.durability(), call.firstKey())
                .map(confirmation -> commits(call).run(call, confirmation))
                .orElseGet(() -> send(call))
                .onFailure(failure -> !(failure instanceof StoreUnavailable))
                .transform(failure ->
                        new StoreUnavailable("Redis refused " + call.script().name() + ": " + failure.getMessage()))
                .eventually(() -> timer(call.script()).record(Duration.ofNanos(System.nanoTime() - start)));
    }

    /** Keeps connections that only stand by; to be called every few seconds. */
    public void keepAlive() {
        commits.values().forEach(GroupCommit::keepAlive);
    }

    private Uni<Response> send(Call call) {
        return redis.send(call.bySha1())
                .onFailure(failure -> RedisLink.tells(failure, "NOSCRIPT"))
                .recoverWithUni(() -> redis.send(call.byText()));
    }

    /** Each script has its own, and each level: none waits for another one's disk or replicas. */
    private GroupCommit commits(Call call) {
        return commits.computeIfAbsent(
                new Alike(call.script().name(), call.durability()),
                alike -> new GroupCommit(redis.another(), servers, redis.timeout()));
    }

    private Timer timer(Script script) {
        return timers.computeIfAbsent(
                script.name(),
                name -> Timer.builder("sluice.redis")
                        .description("Calls to Redis, by script, as the gateway sees them")
                        .tag("script", name)
                        .register(meters));
    }
}
