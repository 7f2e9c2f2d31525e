package dev.sluice.system;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Two packaged gateways on one Redis. Tests share them ({@link SharedGateways}): each has event types and orders of its own, so
 * that what another one left behind does not matter.
 */
final class TwoGateways implements AutoCloseable {
    private static final Path DIRECTORY = Path.of("target", "system", "two-gateways");

    private final Vertx vertx = Vertx.vertx();
    private final EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
    private final RedisLook look = new RedisLook(vertx, redis.uri());
    private final List<Gateway> both = Concurrently.call(List.of(() -> another("one"), () -> another("two")));

    /** For endpoints. */
    Vertx vertx() {
        return vertx;
    }

    EmbeddedRedis redis() {
        return redis;
    }

    RedisLook look() {
        return look;
    }

    Gateway one() {
        return both.get(0);
    }

    Gateway two() {
        return both.get(1);
    }

    /** Starts one more beside them. */
    Gateway another(String name) {
        Map<String, String> settings = WebhookConfiguration.settings();
        // For operators; it wants nothing of what tests publish.
        settings.put("sluice.targets.erp.url", "http://127.0.0.1:1/");
        settings.put("sluice.targets.erp.events", "FOR_ERP_ALONE");
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), settings);
    }

    @Override
    public void close() {
        Concurrently.call(both.stream().map(TwoGateways::closing).toList());
        look.close();
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static Callable<Gateway> closing(Gateway gateway) {
        return () -> {
            gateway.close();
            return gateway;
        };
    }
}
