package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A target whose circuit opens. */
class CircuitIT {
    private static final int LANES = 30;
    private static final int WINDOW = 5;
    private static final int PROBES = 2;
    private static final int PARTITIONS = 4;

    /** That long a circuit stays open; and as a test sees it, on a busy machine. */
    private static final Duration DELAY = Duration.ofSeconds(3);

    private static final Duration NEARLY = Duration.ofMillis(2_200);
    private static final Path DIRECTORY = Path.of("target", "system", "circuit");
    private static final String KEY = "a-key-that-may-publish";
    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private static RedisLook look;
    private static Endpoint endpoint;
    private Gateway one;

    @BeforeAll
    static void startRedis() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        look = new RedisLook(VERTX, redis.uri());
    }

    @BeforeEach
    void startGateway() {
        look.run(Command.FLUSHALL);
        endpoint = new Endpoint(VERTX);
        one = gateway("one");
    }

    @AfterEach
    void stopGateway() {
        one.close();
        endpoint.close();
    }

    @AfterAll
    static void stopRedis() {
        look.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void anOpenCircuitHoldsTheTargetAndThenAFewProbesGoFirst() {
        open();
        await().atMost(PATIENCE).until(() -> groups().size() > 2);
        assertThat(groups().subList(0, 2)).allSatisfy(CircuitIT::areProbes);

        endpoint.answeringLater(request -> after(Duration.ofMillis(20), 200));
        publish(one, "o-", 1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(orders("o-"))
                        .allSatisfy(order -> assertThat(endpoint.numbers(order)).containsExactly(0, 1)));
        // Being held has cost no attempt.
        assertThat(endpoint.received())
                .extracting(request -> request.header("Webhook-Attempt"))
                .isSubsetOf("1", "2", "3", "4", "5");
        await().atMost(PATIENCE).until(() -> one.metric("sluice_circuit_state{target=\"erp\"}") == 0);
        assertThat(one.logged()).contains("circuit opened").contains("circuit closed");
    }

    @Test
    void aGatewayThatMeetsTheHoldOfAnothersCircuitBeginsWithProbesAsWell() {
        try (Gateway two = gateway("two")) {
            open();
            // Whatever the partition, the other gateway hears of it.
            assertThat(IntStream.range(0, PARTITIONS))
                    .allSatisfy(partition -> await().atMost(PATIENCE)
                            .until(() -> look.run(Command.HEXISTS, "sluice:{" + partition + "}:t", "erp")
                                    .toBoolean()));
            new ApiClient(two, KEY).publish("ORDER", "another", 0);
            one.kill();
            await().atMost(PATIENCE).until(() -> groups().size() > 3);
            assertThat(groups().subList(0, 3)).allSatisfy(CircuitIT::areProbes);
        }
    }

    /** All lanes are under way at one gateway when the target begins to fail. */
    private void open() {
        CompletableFuture<Integer> failing = new CompletableFuture<>();
        endpoint.answeringLater(request -> failing);
        publish(one, "o-", 0);
        await().atMost(PATIENCE).until(() -> endpoint.count() == LANES);
        endpoint.answeringLater(request -> after(Duration.ofMillis(20), 500));
        failing.complete(500);
        await().atMost(PATIENCE).until(() -> one.metric("sluice_circuit_state{target=\"erp\"}") == 2);
    }

    private static List<String> orders(String prefix) {
        return IntStream.range(0, LANES).mapToObj(i -> prefix + i).toList();
    }

    private static void publish(Gateway gateway, String prefix, int number) {
        ApiClient publisher = new ApiClient(gateway, KEY);
        orders(prefix).forEach(order -> publisher.publish("ORDER", order, number));
    }

    /** The first that fails holds the target again: another may not have begun by then. */
    private static void areProbes(List<Received> group) {
        assertThat(group).hasSizeBetween(1, PROBES);
    }

    /** What came since the circuit opened, parted where for nearly as long as one stays open nothing came. */
    private static List<List<Received>> groups() {
        List<List<Received>> groups = new ArrayList<>();
        long last = Long.MIN_VALUE / 2;
        for (Received each : endpoint.received().stream().skip(LANES).toList()) {
            if (each.at() - last > NEARLY.toNanos()) {
                groups.add(new ArrayList<>());
            }
            groups.get(groups.size() - 1).add(each);
            last = each.at();
        }
        return groups;
    }

    private static CompletableFuture<Integer> after(Duration delay, int status) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        VERTX.setTimer(delay.toMillis(), timer -> answer.complete(status));
        return answer;
    }

    private static Gateway gateway(String name) {
        return new Gateway(
                DIRECTORY.resolve(name),
                redis.uri(),
                Map.of(
                        "sluice.api.keys.app.sha256",
                        ApiClient.sha256(KEY),
                        "sluice.api.keys.app.roles",
                        "publish",
                        "sluice.publish.ordering-key",
                        "/data/orderId",
                        "sluice.lanes.partitions",
                        "4",
                        "sluice.targets.erp.url",
                        endpoint.url(),
                        "sluice.targets.erp.retry.delays",
                        "100ms,".repeat(99) + "100ms",
                        "sluice.targets.erp.circuit.window",
                        Integer.toString(WINDOW),
                        "sluice.targets.erp.circuit.failure-ratio",
                        "1",
                        "sluice.targets.erp.circuit.delay",
                        DELAY.toMillis() + "ms",
                        "sluice.targets.erp.circuit.successes",
                        Integer.toString(PROBES)));
    }
}
