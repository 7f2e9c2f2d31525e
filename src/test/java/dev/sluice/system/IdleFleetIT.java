package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What gateways without work cost Redis. */
class IdleFleetIT {
    private static final Path DIRECTORY = Path.of("target", "system", "idle-fleet");
    private static final int MEASURED_SECONDS = 10;

    @Test
    void threeIdleGatewaysCallAtMostFiftyScriptsPerSecond() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway one = gateway("one", redis, target);
                Gateway two = gateway("two", redis, target);
                Gateway three = gateway("three", redis, target)) {
            assertThat(Shop.post(one, "shop", new Message("o", 0)).statusCode()).isEqualTo(200);
            await().atMost(PATIENCE).until(() -> target.delivered() == 1);
            // After the first sweep of all partitions, by the clock of Redis.
            awaitUptime(redis, uptime(redis) + 3);
            long calls = look.scriptCalls();
            long begun = uptime(redis);
            awaitUptime(redis, begun + MEASURED_SECONDS);
            assertThat((look.scriptCalls() - calls) / (uptime(redis) - begun)).isBetween(1L, 50L);
            assertThat(two.isAlive() && three.isAlive()).isTrue();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void awaitUptime(EmbeddedRedis redis, long seconds) {
        await().pollInterval(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> uptime(redis) >= seconds);
    }

    private static long uptime(EmbeddedRedis redis) throws IOException {
        return RedisInfo.figure(redis, "server", "uptime_in_seconds");
    }

    private static Gateway gateway(String name, EmbeddedRedis redis, RecordingTarget target) {
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), Shop.settings(Map.of("erp", target), "100ms"));
    }
}
