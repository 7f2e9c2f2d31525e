package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Registered webhooks that want more at once than one gateway may send, which is little here. */
class ManyWebhooksIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CONCURRENCY = 10;
    private static final Path DIRECTORY = Path.of("target", "system", "many");
    private static final String KEY = "a-key-for-everything";
    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private static Gateway gateway;
    private static ApiClient client;

    @BeforeAll
    static void start() throws Exception {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        gateway = new Gateway(
                DIRECTORY.resolve("gateway"),
                redis.uri(),
                Map.of(
                        "sluice.api.encryption-key",
                        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                        "sluice.api.keys.all.sha256",
                        ApiClient.sha256(KEY),
                        "sluice.api.keys.all.roles",
                        "manage,publish",
                        "sluice.address-guard.allow",
                        "127.0.0.0/8",
                        "sluice.publish.ordering-key",
                        "/data/orderId",
                        "sluice.policies.patient.timeout",
                        "5m",
                        "sluice.webhooks.concurrency",
                        Integer.toString(CONCURRENCY)));
        client = new ApiClient(gateway, KEY);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whatManyWantReachesEachOnceAndInOrderAndNoMoreAreSentToAtOnceThanMayBe() {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger mostOpen = new AtomicInteger();
        try (Endpoint endpoint = new Endpoint(VERTX)) {
            endpoint.answeringLater(request -> {
                mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
                CompletableFuture<Integer> answer = new CompletableFuture<>();
                VERTX.setTimer(5, timer -> {
                    open.decrementAndGet();
                    answer.complete(200);
                });
                return answer;
            });
            List<String> paths =
                    IntStream.range(0, 250).mapToObj(i -> "/many/" + i).toList();
            paths.forEach(path -> client.register(endpoint.url(path), "MANY"));
            List<Integer> numbers = List.of(0, 1, 2);
            numbers.forEach(number -> client.publish("MANY", "o", number));

            await().atMost(PATIENCE).until(() -> endpoint.count() == paths.size() * numbers.size());
            assertThat(paths)
                    .allSatisfy(path -> assertThat(endpoint.received().stream()
                                    .filter(request -> request.path().equals(path))
                                    .map(Received::number))
                            .isEqualTo(numbers));
            assertThat(mostOpen.get()).isBetween(CONCURRENCY / 2, CONCURRENCY);
            // How much waits for each of them is asked in turn: that is a call for each partition.
            assertThat(gateway.metric("sluice_redis_seconds_count{script=\"stock\"}"))
                    .isLessThan(64 * 20);
        }
    }

    @Test
    void endpointsThatHangLeaveRoomForOthers() {
        CompletableFuture<Integer> never = new CompletableFuture<>();
        try (Endpoint hanging = new Endpoint(VERTX).answeringLater(request -> never);
                Endpoint healthy = new Endpoint(VERTX)) {
            for (int i = 0; i < 4; i++) {
                client.registerWith(hanging.url("/" + i), ",\"policy\":\"patient\"", "HANGS");
            }
            client.register(healthy.url(), "GOES_ON");
            for (int order = 0; order < CONCURRENCY; order++) {
                client.publish("HANGS", "o-" + order, 0);
            }
            await().atMost(PATIENCE)
                    .until(() -> hanging.received().stream()
                                    .map(Received::path)
                                    .distinct()
                                    .count()
                            == 4);
            for (int number = 0; number < 50; number++) {
                client.publish("GOES_ON", "o-" + number % 5, number);
            }
            await().atMost(PATIENCE).until(() -> healthy.count() == 50);
            assertThat(hanging.count()).isLessThan(CONCURRENCY);
            never.complete(200);
            await().atMost(PATIENCE).until(() -> hanging.count() == 4 * CONCURRENCY);
        }
    }
}
