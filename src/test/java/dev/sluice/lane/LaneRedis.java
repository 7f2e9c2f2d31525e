package dev.sluice.lane;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A Redis for the lanes of one test class, empty before each test. */
final class LaneRedis implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    private final Path directory;
    private final Vertx vertx = Vertx.vertx();
    private EmbeddedRedis server;

    LaneRedis(String name) {
        directory = Path.of("target", "test-redis", name);
    }

    @Override
    public void beforeAll(ExtensionContext tests) {
        server = EmbeddedRedis.start(directory, "--save", "");
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        gateway(Duration.ofSeconds(1), 1, Map.of()).redis(Command.FLUSHALL);
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        server.close();
    }

    /** One of the gateways that share it. */
    Gateway gateway(Duration lease, int partitions, Map<String, String> orderings, String... droppingStale) {
        return new Gateway(Redis.createClient(vertx, server.uri()), lease, partitions, orderings, droppingStale);
    }

    /** One with a single partition that keeps events beyond their deliveries, up to so many bytes. */
    Gateway retaining(Duration lease, Duration retention, long bytes) {
        return Gateway.retaining(Redis.createClient(vertx, server.uri()), lease, retention, bytes);
    }
}
