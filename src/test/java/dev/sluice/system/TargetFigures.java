package dev.sluice.system;

import static java.util.stream.Collectors.toMap;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Figures for the docs: what a healthy target notices of nine others that get the same events, and what memory a gateway and
 * Redis use meanwhile. It asserts nothing, so no
 * profile runs it: {@code ./mvnw verify -DskipUnitTests=true -Dit.argLine=-Xmx4g -Dit.test=TargetFigures} does, on a machine that does
 * nothing else.
 */
class TargetFigures {
    private static final int ROUNDS = 5;
    private static final int ORDERS = 500;
    private static final int PUBLISHERS = 16;
    private static final int WARM_UP = 15_000;
    private static final int STEADY = 3_000;
    private static final Duration EVERY = Duration.ofMillis(5);
    private static final int AT_ONCE = 6_000;
    private static final int LONG_RUN = 200_000;

    /** So few that the queues of the dead ones are soon full, and their dead letters as well. */
    private static final int FEW = 5_000;

    private static final int MANY = 1_000_000;
    private static final int REPORTS = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String KEY = "figures";
    private static final Path DIRECTORY = Path.of("target", "system", "target-figures");

    /** Who else gets the events. */
    private enum Company {
        NOBODY,
        NINE_HEALTHY,
        NINE_DEAD
    }

    /**
     * What the healthy target saw.
     *
     * @param millis from when each event was due to be published to when it came, in order of size, at a steady rate below what
     *     the gateway can do
     * @param perSecond how many came when as much was published as the gateway took
     */
    private record Seen(double[] millis, double perSecond) {
        double median() {
            return millis[millis.length / 2];
        }

        double p99() {
            return millis[millis.length * 99 / 100];
        }
    }

    @Test
    void aHealthyTargetAndItsCompany() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            for (Company company : Company.values()) {
                try (Run run = new Run(company, MANY)) {
                    Seen seen = run.measure();
                    System.out.printf(
                            "round %d, beside %s: p50 %.1f ms, p99 %.1f ms, %.0f deliveries/s%n",
                            round, company, seen.median(), seen.p99(), seen.perSecond());
                }
            }
        }
    }

    @Test
    void memoryOverManyEvents() throws Exception {
        try (Run run = new Run(Company.NINE_DEAD, FEW)) {
            for (int report = 0; report <= REPORTS; report++) {
                if (report > 0) {
                    run.publishAtOnce(LONG_RUN / REPORTS);
                }
                System.out.printf(
                        "after %d events: %.1f MB live on the gateway's heap, %.0f MB resident, Redis %.0f MB%n",
                        report * LONG_RUN / REPORTS,
                        Jvm.heap(run.gateway) / 1e6,
                        resident(run.gateway) / 1e6,
                        RedisInfo.figure(run.redis, "memory", "used_memory") / 1e6);
            }
        }
    }

    /** A gateway with its targets, from its start. */
    private static final class Run implements AutoCloseable {
        private final Vertx vertx = Vertx.vertx();
        private final Map<Integer, Long> arrived = new ConcurrentHashMap<>();
        private final HttpServer healthy = listen(arrived);
        private final DeadTargets dead = new DeadTargets();
        private final EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        private final Gateway gateway;
        private final AtomicInteger published = new AtomicInteger();

        /** @param most how many events and how many dead letters may wait for a target */
        Run(Company company, int most) throws IOException {
            // It grows by gigabytes otherwise.
            Files.deleteIfExists(DIRECTORY.resolve("gateway").resolve("gateway.log"));
            Map<String, String> urls = new LinkedHashMap<>(
                    switch (company) {
                        case NOBODY -> Map.of();
                        case NINE_HEALTHY ->
                            dead.urls().keySet().stream()
                                    .collect(toMap(name -> name, name -> url(listen(new ConcurrentHashMap<>()))));
                        case NINE_DEAD -> dead.urls();
                    });
            urls.put("healthy", url(healthy));
            Map<String, String> settings = new HashMap<>();
            urls.forEach((name, url) -> settings.put("sluice.targets." + name + ".url", url));
            settings.put("sluice.api.keys.figures.sha256", ApiClient.sha256(KEY));
            settings.put("sluice.api.keys.figures.roles", "publish");
            settings.put("sluice.publish.ordering-key", "/data/orderId");
            settings.put("sluice.policies.default.backlog.max", Integer.toString(most));
            settings.put("sluice.policies.default.dead-letters.max", Integer.toString(most));
            gateway = Gateway.asShipped(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        }

        Seen measure() {
            publishAtOnce(WARM_UP);
            double[] millis = publishSteadily();
            long begun = System.nanoTime();
            publishAtOnce(AT_ONCE);
            return new Seen(millis, AT_ONCE / ((System.nanoTime() - begun) / 1e9));
        }

        /** Publishes so many as fast as they are taken, and waits until the healthy target has them. */
        void publishAtOnce(int count) {
            int upTo = published.get() + count;
            Concurrently.call(Stream.generate(() -> (Callable<Boolean>) () -> {
                        for (int number = published.getAndIncrement();
                                number < upTo;
                                number = published.getAndIncrement()) {
                            publish(number);
                        }
                        return true;
                    })
                    .limit(PUBLISHERS)
                    .toList());
            published.set(upTo);
            awaitArrival(upTo);
        }

        private double[] publishSteadily() {
            int first = published.get();
            long begun = System.nanoTime();
            Concurrently.call(IntStream.range(0, PUBLISHERS)
                    .mapToObj(mine -> (Callable<Boolean>) () -> {
                        for (int i = mine; i < STEADY; i += PUBLISHERS) {
                            LockSupport.parkNanos(due(begun, i) - System.nanoTime());
                            publish(first + i);
                        }
                        return true;
                    })
                    .toList());
            published.set(first + STEADY);
            awaitArrival(first + STEADY);
            return IntStream.range(0, STEADY)
                    .mapToDouble(i -> (arrived.get(first + i) - due(begun, i)) / 1e6)
                    .sorted()
                    .toArray();
        }

        private static long due(long begun, int i) {
            return begun + i * EVERY.toNanos();
        }

        private void publish(int number) {
            new ApiClient(gateway, KEY).publish("ORDER", "o-" + number % ORDERS, number);
        }

        private void awaitArrival(int count) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> arrived.size() == count);
        }

        private HttpServer listen(Map<Integer, Long> arrived) {
            return vertx.createHttpServer()
                    .requestHandler(request -> request.body().onSuccess(body -> {
                        arrived.putIfAbsent(
                                body.toJsonObject().getJsonObject("data").getInteger("number"), System.nanoTime());
                        request.response().end();
                    }))
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }

        private static String url(HttpServer server) {
            return "http://127.0.0.1:" + server.actualPort() + "/hook";
        }

        @Override
        public void close() throws Exception {
            gateway.kill();
            redis.close();
            dead.close();
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    private static long resident(Gateway gateway) throws IOException {
        String status =
                Files.readString(Path.of("/proc", Long.toString(gateway.pid()), "status"), StandardCharsets.UTF_8);
        return Arrays.stream(status.split("\n"))
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                * 1024;
    }
}
