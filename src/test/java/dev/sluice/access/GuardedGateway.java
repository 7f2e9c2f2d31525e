package dev.sluice.access;

import dev.sluice.dev.EmbeddedRedis;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A gateway whose API takes keys, on a Redis of its own, with a clock that a test moves. A test says which keys, and what else. */
public abstract class GuardedGateway implements QuarkusTestProfile {
    private final Map<String, String> settings = new HashMap<>(Map.of(
            "quarkus.http.test-port", "0",
            "quarkus.management.test-port", "0",
            // As the examples of the description lead.
            "sluice.address-guard.allow", "127.0.0.1,shop.example",
            "sluice.api.encryption-key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));

    /** The gateway does not start without. */
    public static class RedisServer implements QuarkusTestResourceLifecycleManager {
        private EmbeddedRedis redis;

        @Override
        public Map<String, String> start() {
            redis = EmbeddedRedis.start(
                    Path.of("target", "guarded-redis-" + ProcessHandle.current().pid()), "--save", "");
            return Map.of("quarkus.redis.hosts", redis.uri());
        }

        @Override
        public void stop() {
            redis.close();
        }
    }

    protected final void set(String name, String value) {
        settings.put(name, value);
    }

    /** Has somebody's keys taken, for these roles. */
    protected final void admit(String name, String roles, String... keys) {
        set("sluice.api.keys." + name + ".roles", roles);
        set(
                "sluice.api.keys." + name + ".sha256",
                Arrays.stream(keys).map(GuardedGateway::sha256).collect(Collectors.joining(",")));
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return settings;
    }

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(SettableClock.class);
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(RedisServer.class));
    }

    private static String sha256(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
