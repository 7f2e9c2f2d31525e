package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A gateway among so many that each of them asks Redis less often than once a second. */
class LargeFleetIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** They are there in Redis alone, and tell what the test has them tell. */
    private static final int OTHERS = 20;

    private static final String LONG_FROM_NOW = "9e15";
    private static final Path DIRECTORY = Path.of("target", "system", "large-fleet");
    private static final String KEY = "a-key-that-may-manage";

    @Test
    void aChangeIsAnsweredWhenEveryGatewayHasHeardOfIt() throws Exception {
        Vertx vertx = Vertx.vertx();
        ExecutorService worker = Executors.newSingleThreadExecutor();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                RedisLook look = new RedisLook(vertx, redis.uri())) {
            others(other -> look.run(Command.ZADD, "sluice:{fleet}:pods", LONG_FROM_NOW, other));
            others(other -> look.run(Command.HSET, "sluice:{fleet}:heard", other, "0"));
            try (Gateway gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings())) {
                ApiClient client = new ApiClient(gateway, KEY);
                Future<Answer> answer = worker.submit(
                        () -> client.post("/webhooks", "{\"url\":\"http://127.0.0.1:1/\",\"events\":[\"*\"]}"));
                await().atMost(PATIENCE)
                        .until(() -> look.run(Command.HLEN, "sluice:{fleet}:webhooks")
                                        .toInteger()
                                == 1);
                gateway.awaitHeartbeats(1);
                assertThat(answer.isDone()).isFalse();

                String version = look.run(Command.GET, "sluice:{fleet}:version").toString();
                others(other -> look.run(Command.HSET, "sluice:{fleet}:heard", other, version));
                assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).status())
                        .isEqualTo(201);
            }
        } finally {
            worker.shutdownNow();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void others(Consumer<String> each) {
        IntStream.range(0, OTHERS).mapToObj(i -> "other-" + i).forEach(each);
    }

    private static Map<String, String> settings() {
        return Map.of(
                "sluice.api.encryption-key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                "sluice.api.keys.walk.sha256", ApiClient.sha256(KEY),
                "sluice.api.keys.walk.roles", "manage",
                "sluice.address-guard.allow", "127.0.0.1");
    }
}
