package dev.sluice.system;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Two packaged gateways on one Redis, for every test that does not stop, starve or reconfigure them. {@link SharedGatewaysExtension} starts
 * them once per JVM. Each test has sources, targets, event types and ordering keys of its own, so the events of one test never reach
 * another one. The settings are in {@code shared-gateways.properties}.
 */
final class SharedGateways implements AutoCloseable {
    private static final Path DIRECTORY =
            Path.of("target", "system", "shared-gateways", System.getProperty("fork", "alone"));
    private static final Pattern TARGET = Pattern.compile("sluice\\.targets\\.([^.]+)\\..*");

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, String> settings = settings();
    private final EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
    private final RedisLook look = new RedisLook(vertx, redis.uri());
    private final List<Gateway> both = Concurrently.call(List.of(() -> another("one"), () -> another("two")));

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

    /** Starts one more beside the two. The caller closes it. */
    Gateway another(String name) {
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), settings);
    }

    /** Starts a configured target, which refused connections until now. The caller closes it. */
    RecordingTarget target(String name) {
        return new RecordingTarget(vertx, Shop.TARGET_SECRET, ports.get(name));
    }

    /** Starts a configured target that keeps whole requests. The caller closes it. */
    Endpoint endpoint(String name) {
        return new Endpoint(vertx, "127.0.0.1", ports.get(name));
    }

    /** Returns a sender that signs as {@link Shop} does and uses both gateways in turn. */
    Sender sender(String source) {
        return sender(source, Shop.SIGNER);
    }

    Sender sender(String source, Sender.Signer signer) {
        return new Sender(List.<Supplier<URI>>of(() -> one().in(source), () -> two().in(source)), signer);
    }

    /** The sum of a metric over both gateways. */
    double metric(String nameAndTags) {
        return both.stream().mapToDouble(gateway -> gateway.metric(nameAndTags)).sum();
    }

    /** What both gateways logged about a target, line by line. */
    List<String> logged(String target) {
        return both.stream()
                .flatMap(gateway -> gateway.loggedSinceStart().lines())
                .filter(line -> line.contains("\"target\":\"" + target + "\""))
                .toList();
    }

    @Override
    public void close() {
        Concurrently.call(both.stream().map(SharedGateways::closing).toList());
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

    private Map<String, String> settings() {
        Map<String, String> all = new TreeMap<>(WebhookConfiguration.settings());
        all.putAll(file());
        for (String name : List.copyOf(all.keySet())) {
            Matcher target = TARGET.matcher(name);
            if (target.matches()) {
                String prefix = "sluice.targets." + target.group(1) + ".";
                int port = ports.computeIfAbsent(target.group(1), any -> EmbeddedRedis.freePort());
                all.put(prefix + "url", "http://127.0.0.1:" + port + "/hook?a=b");
                all.putIfAbsent(prefix + "secret", Shop.TARGET_SECRET);
            }
        }
        sources(all).forEach(source -> {
            all.putIfAbsent("sluice.sources." + source + ".secrets", Shop.SECRET);
            all.putIfAbsent("sluice.sources." + source + ".ordering-key", "/data/orderId");
            if (!all.containsKey("sluice.sources." + source + ".signature.header")) {
                all.put("sluice.sources." + source + ".scheme", "optondemand");
            }
        });
        return all;
    }

    private static List<String> sources(Map<String, String> settings) {
        return settings.entrySet().stream()
                .filter(setting -> setting.getKey().matches("sluice\\.targets\\.[^.]+\\.sources"))
                .flatMap(setting -> Stream.of(setting.getValue().split(",")))
                .filter(source -> !source.equals("publish"))
                .distinct()
                .toList();
    }

    private static Map<String, String> file() {
        Properties file = new Properties();
        try (InputStream in = SharedGateways.class.getResourceAsStream("/shared-gateways.properties")) {
            file.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> settings = new HashMap<>();
        file.stringPropertyNames().forEach(name -> settings.put(name, file.getProperty(name)));
        return settings;
    }
}
