package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.FaultyProxy;
import io.vertx.core.Vertx;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A sender that leaves after its event was accepted and before it was answered. The accepting script has already leased the lane. */
class AbandonedRequestIT {
    private static final Path DIRECTORY = Path.of("target", "system", "abandoned-request");

    @Test
    void eventIsDeliveredWithinItsLeaseWhenItsSenderLeavesBeforeTheAnswer() throws Exception {
        Vertx vertx = Vertx.vertx();
        byte[] body = new Message("o", 0).body();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
                FaultyProxy line = new FaultyProxy(vertx, redis.port());
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(DIRECTORY, line.uri(), settings(target))) {
            line.delay(Duration.ofMillis(700));
            CompletableFuture<?> sending = HttpClient.newHttpClient()
                    .sendAsync(
                            Shop.SIGNER
                                    .sign(HttpRequest.newBuilder(gateway.in("shop")), body)
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> look.keys().stream().anyMatch(key -> key.endsWith(":e")));
            assertThat(sending.cancel(true)).isTrue();
            await().atMost(PATIENCE).until(() -> target.delivered() == 1);
            // The gateway stops quickly.
            line.pass();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static Map<String, String> settings(RecordingTarget target) {
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "100ms");
        // Longer than this test waits: only the gateway that accepted the event can deliver it in time.
        settings.put("sluice.lanes.lease", "5m");
        return settings;
    }
}
