package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Each server is of the version that it is started for. */
class OldRedisTest {
    private static final Path DIRECTORY = Path.of("target", "test-redis");

    private Vertx vertx;

    @BeforeEach
    void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void stopVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void theOldestSupportedIs62() {
        try (EmbeddedRedis redis = OldRedis.oldestSupported(DIRECTORY.resolve("6.2"), "--save", "")) {
            assertThat(version(redis)).startsWith("6.2.");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theTooOldOneIs28() {
        try (EmbeddedRedis redis = OldRedis.tooOld(DIRECTORY.resolve("2.8"), "--save", "")) {
            assertThat(version(redis)).startsWith("2.8.");
        }
    }

    @Test
    void theOneForAllElseIs70() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("7.0"), "--save", "")) {
            assertThat(version(redis)).startsWith("7.0.");
        }
    }

    private String version(EmbeddedRedis redis) {
        Redis client = Redis.createClient(vertx, redis.uri());
        try {
            return client.send(Request.cmd(Command.INFO).arg("server"))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join()
                    .toString()
                    .lines()
                    .filter(line -> line.startsWith("redis_version:"))
                    .map(line -> line.substring("redis_version:".length()))
                    .findFirst()
                    .orElseThrow();
        } finally {
            client.close();
        }
    }
}
