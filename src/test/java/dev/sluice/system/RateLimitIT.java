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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A target that is to be sent no more than so much. */
class RateLimitIT {
    private static final int LANES = 30;
    private static final int MAX = 20;

    /** How many may go at once, see {@code Policy.RateLimit}. */
    private static final int BURST = 2;

    /** A few times what it takes; far less than if lanes were only found now and then. */
    private static final Duration NOT_FOUND_BY_THE_SWEEP = Duration.ofSeconds(15);

    private static final Path DIRECTORY = Path.of("target", "system", "rate-limit");
    private static final String KEY = "a-key-that-may-publish";
    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private static RedisLook look;
    private Endpoint endpoint;

    @BeforeAll
    static void startRedis() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        look = new RedisLook(VERTX, redis.uri());
    }

    @BeforeEach
    void openEndpoint() {
        look.run(Command.FLUSHALL);
        endpoint = new Endpoint(VERTX);
    }

    @AfterEach
    void closeEndpoint() {
        endpoint.close();
    }

    @AfterAll
    static void stopRedis() {
        look.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aSpentRateLetsLanesWaitAndCostsNoAttemptsAndHardlyAnyClaims() {
        try (Gateway gateway = gateway("one", Map.of())) {
            publish(gateway, 0);
            publish(gateway, 1);
            assertAllCome(2 * LANES);
            assertSlow(MAX, BURST);
            // One or two a permit, however many lanes are ready.
            assertThat(gateway.metric("sluice_redis_seconds_count{script=\"claim\"}"))
                    .isLessThan(3 * 2 * LANES);
            assertThat(gateway.metric("sluice_redis_seconds_count{script=\"permits\"}"))
                    .isZero();
        }
    }

    @Test
    void aSharedRateIsKeptToByAllGatewaysTogether() {
        Map<String, String> shared = Map.of("sluice.targets.erp.rate-limit.scope", "cluster");
        try (Gateway one = gateway("one", shared);
                Gateway two = gateway("two", shared)) {
            publish(one, 0);
            publish(two, 1);
            assertAllCome(2 * LANES);
            assertSlow(MAX, BURST);
            assertThat(List.of(one, two))
                    .allSatisfy(gateway -> assertThat(
                                    gateway.metric("sluice_deliveries_total{outcome=\"delivered\",target=\"erp\"}"))
                            .isPositive());
        }
        // Nothing is left of it when it is no longer in use.
        await().atMost(PATIENCE)
                .until(() -> look.run(Command.EXISTS, "sluice:{rate:erp}:rate").toInteger() == 0);
    }

    private void assertAllCome(int events) {
        await().atMost(NOT_FOUND_BY_THE_SWEEP).until(() -> endpoint.count() >= events);
        assertThat(endpoint.received())
                .hasSize(events)
                .extracting(request -> request.header("Webhook-Attempt"))
                .containsOnly("1");
        assertThat(orders())
                .allSatisfy(order -> assertThat(endpoint.numbers(order)).containsExactly(0, 1));
    }

    /** As what is sent late only comes later, all that came took no less than it has to. */
    private void assertSlow(int max, int burst) {
        List<Received> received = endpoint.received();
        Duration took = Duration.ofNanos(
                received.get(received.size() - 1).at() - received.get(0).at());
        assertThat(took).isGreaterThan(Duration.ofMillis(1_000L * (received.size() - 2 * burst - 1) / max));
    }

    private static List<String> orders() {
        return IntStream.range(0, LANES).mapToObj(i -> "o-" + i).toList();
    }

    private static void publish(Gateway gateway, int number) {
        ApiClient publisher = new ApiClient(gateway, KEY);
        orders().forEach(order -> publisher.publish("ORDER", order, number));
    }

    private Gateway gateway(String name, Map<String, String> more) {
        Map<String, String> settings = new TreeMap<>(Map.of(
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
                "sluice.targets.erp.rate-limit.max",
                Integer.toString(MAX)));
        settings.putAll(more);
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), settings);
    }
}
