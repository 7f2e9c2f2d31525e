package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.RedisSentinel;
import dev.sluice.system.Gateway;
import dev.sluice.system.KeptDirectory;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A gateway starts with what the manifests configure it with, and knows all of it. */
class ConfigurationIT {
    private final Vertx vertx = Vertx.vertx();

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void withThoseForOneRedis() throws IOException {
        // Each with its own: they do not lay out their data alike.
        for (Path each : List.of(
                ofKubernetes("base"),
                ofKubernetes("overlays/dev"),
                Compose.read().configuration())) {
            try (EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "")) {
                assertStarts(each, redis.uri());
            }
        }
    }

    @Test
    void withThatOfProduction() {
        try (RedisSentinel redis = new RedisSentinel(vertx, directory.resolve("redis"), 1)) {
            assertStarts(ofKubernetes("overlays/prod"), redis.sentinelUris());
        }
    }

    private static Path ofKubernetes(String where) {
        return Path.of("deploy", "kubernetes", where, "application.properties");
    }

    private void assertStarts(Path configuration, String redis) {
        Map<String, String> secrets =
                Map.of("SHOP_SECRET", "s3cret", "ERP_SECRET", "s3cret", "OPERATOR_KEY_SHA256", "a".repeat(64));
        try (Gateway gateway = Gateway.asInItsImage(directory.resolve("gateway"), redis, configuration, secrets)) {
            assertThat(gateway.logged()).doesNotContain("Unrecognized configuration key");
        }
    }
}
