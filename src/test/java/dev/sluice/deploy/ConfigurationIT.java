package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.RedisSentinel;
import dev.sluice.system.Gateway;
import dev.sluice.system.KeptDirectory;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
        for (Properties each : List.of(
                properties("base"), properties("overlays/dev"), Compose.read().configuration())) {
            try (EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "")) {
                assertStarts(each, redis.uri());
            }
        }
    }

    @Test
    void withThatOfProduction() throws IOException {
        try (RedisSentinel redis = new RedisSentinel(vertx, directory.resolve("redis"), 1)) {
            assertStarts(properties("overlays/prod"), redis.sentinelUris());
        }
    }

    private static Properties properties(String where) throws IOException {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of("deploy", "kubernetes", where, "application.properties"))) {
            properties.load(file);
        }
        return properties;
    }

    private void assertStarts(Properties properties, String redis) {
        Map<String, String> settings = new HashMap<>();
        properties.forEach((name, value) -> settings.put(name.toString(), value.toString()));
        settings.put("quarkus.redis.hosts", redis);
        // What stands in the secret.
        settings.put("SHOP_SECRET", "s3cret");
        settings.put("ERP_SECRET", "s3cret");
        settings.put("OPERATOR_KEY_SHA256", "a".repeat(64));
        try (Gateway gateway = new Gateway(directory.resolve("gateway"), redis, settings)) {
            assertThat(gateway.logged()).doesNotContain("Unrecognized configuration key");
        }
    }
}
