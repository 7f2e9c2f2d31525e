package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What an open circuit costs while many lanes wait behind it. {@code -Dcircuit.lanes} sets how many, {@code -Dcircuit.open} for how long
 * it is open.
 */
class OpenCircuitIT {
    private static final int LANES = Integer.getInteger("circuit.lanes");
    private static final int EACH = 2;
    private static final int PUBLISHERS = 8;
    private static final int CONCURRENCY = 64;
    private static final Duration OPEN = Duration.parse("PT" + System.getProperty("circuit.open"));
    private static final String ROOM = "sluice_delivery_room{target=\"erp\"}";
    private static final String KEY = "a-key-that-may-publish";
    private static final Path DIRECTORY = Path.of("target", "system", "open-circuit");

    @Test
    void openCircuitCostsNoAttemptsAndFewScriptCallsWhenManyLanesWait() throws IOException {
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                Endpoint endpoint = new Endpoint(vertx).answering(500);
                Gateway gateway = gateway(redis, endpoint)) {
            publish(gateway);
            // Also those that began before it opened have ended; and a whole time of it lies ahead.
            await().atMost(PATIENCE).until(() -> gateway.metric("sluice_circuit_state{target=\"erp\"}") == 2);
            int probed = endpoint.count();
            await().atMost(OPEN.plus(PATIENCE)).until(() -> endpoint.count() > probed);
            await().atMost(PATIENCE).until(() -> gateway.metric(ROOM) == 0);

            Spent before = Spent.of(gateway, redis, endpoint);
            Duration quiet = OPEN.dividedBy(2);
            long end = System.nanoTime() + quiet.toNanos();
            await().atMost(OPEN).until(() -> System.nanoTime() > end);
            Spent after = Spent.of(gateway, redis, endpoint);
            assertThat(after.attempts()).isEqualTo(before.attempts());
            // No more scripts than an idle gateway runs.
            assertThat((after.calls() - before.calls()) / quiet.toSeconds()).isLessThan(50);
            assertThat(after.cpu().minus(before.cpu())).isLessThan(quiet.dividedBy(5));

            assertThat(rampsUp(gateway, vertx, endpoint)).contains(3).endsWith(CONCURRENCY);
            endpoint.answering(200);
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> gateway.metric("sluice_deliveries_total{outcome=\"delivered\",target=\"erp\"}")
                            == LANES * EACH);
            Map<String, List<Integer>> orders = endpoint.received().stream()
                    .collect(groupingBy(Received::order, mapping(Received::number, toList())));
            assertThat(orders).hasSize(LANES);
            assertThat(orders.values())
                    .allSatisfy(numbers ->
                            assertThat(numbers).isSorted().endsWith(EACH - 1).contains(0));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /** What was used up to a moment. */
    private record Spent(int attempts, long calls, Duration cpu) {
        static Spent of(Gateway gateway, EmbeddedRedis redis, Endpoint endpoint) throws IOException {
            return new Spent(
                    endpoint.count(),
                    scripts(RedisInfo.of(redis, "commandstats")),
                    ProcessHandle.of(gateway.pid())
                            .flatMap(process -> process.info().totalCpuDuration())
                            .orElseThrow());
        }
    }

    private static long scripts(String commandStats) {
        Matcher calls = Pattern.compile("cmdstat_evalsha:calls=(\\d+)").matcher(commandStats);
        assertThat(calls.find()).isTrue();
        return Long.parseLong(calls.group(1));
    }

    /** How many lanes at once the metrics tell of, from when the target is well until it gets all it may. */
    private static Set<Integer> rampsUp(Gateway gateway, Vertx vertx, Endpoint endpoint) {
        // Slow enough to be seen.
        endpoint.answeringLater(request -> {
            CompletableFuture<Integer> answer = new CompletableFuture<>();
            vertx.setTimer(300, timer -> answer.complete(200));
            return answer;
        });
        TreeSet<Integer> seen = new TreeSet<>();
        await().atMost(OPEN.plus(PATIENCE)).pollInterval(Duration.ofMillis(20)).until(() -> {
            seen.add((int) gateway.metric(ROOM));
            return seen.contains(CONCURRENCY);
        });
        return seen;
    }

    private static void publish(Gateway gateway) {
        ApiClient publisher = new ApiClient(gateway, KEY);
        Concurrently.call(IntStream.range(0, PUBLISHERS)
                .mapToObj(mine -> (Callable<Boolean>) () -> {
                    for (int number = 0; number < EACH; number++) {
                        for (int lane = mine; lane < LANES; lane += PUBLISHERS) {
                            publisher.publish("ORDER", "o-" + lane, number);
                        }
                    }
                    return true;
                })
                .toList());
    }

    private static Gateway gateway(EmbeddedRedis redis, Endpoint endpoint) {
        return new Gateway(
                DIRECTORY,
                redis.uri(),
                Map.of(
                        "sluice.api.keys.app.sha256",
                        ApiClient.sha256(KEY),
                        "sluice.api.keys.app.roles",
                        "publish",
                        "sluice.publish.ordering-key",
                        "/data/orderId",
                        "sluice.targets.erp.url",
                        endpoint.url(),
                        "sluice.targets.erp.concurrency",
                        Integer.toString(CONCURRENCY),
                        "sluice.targets.erp.retry.initial",
                        "1s",
                        "sluice.targets.erp.circuit.window",
                        "100",
                        "sluice.targets.erp.circuit.delay",
                        OPEN.toSeconds() + "s"));
    }
}
