package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A million events in a hundred thousand lanes of a target that is down, and events that are delivered at once. Asserts that each event
 * is delivered in order, and prints figures for the docs: what the events cost a gateway and Redis, how they drain, and how long events to
 * another target take meanwhile. The figures are right only on a machine that does nothing else.
 */
@Tag("full")
class QueueFiguresIT {
    private static final int EVENTS = Integer.getInteger("figures.events", 1_000_000);
    private static final int LANES = EVENTS / 10;
    private static final String LOG_LEVEL = "quarkus.log.category.\"dev.sluice\".level";
    private static final int REPORTS = 10;
    private static final int SENDERS = 24;
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Path DIRECTORY = Path.of("target", "system", "queue-figures");
    private static final String PADDING = "x".repeat(800);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(SENDERS + 8));
    private final AtomicIntegerArray taken = new AtomicIntegerArray(LANES);
    private final AtomicInteger delivered = new AtomicInteger();
    private final AtomicInteger outOfOrder = new AtomicInteger();
    private final Queue<Double> probes = new ConcurrentLinkedQueue<>();
    private volatile boolean down = true;
    private volatile boolean over;

    @Test
    void waitingEventsAreDeliveredInOrderWhenTheTargetRecovers() throws Exception {
        HttpServer target = target();
        HttpServer well = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    long sent = Long.parseLong(Message.of(body.getBytes()).entity());
                    probes.add((System.nanoTime() - sent) / 1e6);
                    request.response().end();
                }))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                Gateway gateway =
                        Gateway.asShipped(DIRECTORY.resolve("gateway"), redis.uri(), settings(target, well, "WARN"))) {
            Thread prober = new Thread(() -> probe(gateway), "prober");
            prober.start();
            queue(gateway, redis);
            down = false;
            drain(gateway, redis);
            over = true;
            prober.join();
            assertThat(delivered).hasValue(EVENTS);
            assertThat(outOfOrder).hasValue(0);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /** The log level is that of production, which is two lines per event. */
    @Test
    void eventsAreDeliveredInOrderWhenTheTargetIsHealthy() throws Exception {
        down = false;
        HttpServer target = target();
        try (EmbeddedRedis redis =
                        EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "", "--appendonly", "yes");
                Gateway gateway = Gateway.asShipped(
                        DIRECTORY.resolve("gateway"), redis.uri(), settings(target, target, "INFO"))) {
            int each = EVENTS / REPORTS;
            for (int report = 0; report < REPORTS; report++) {
                long begun = System.nanoTime();
                Duration ofGateway = cpu(gateway.pid());
                Duration ofRedis = cpu(RedisInfo.figure(redis, "server", "process_id"));
                send(gateway, report * each, each);
                int all = (report + 1) * each;
                Awaitility.await().atMost(PATIENCE).until(() -> delivered.get() == all);
                System.out.printf(
                        "delivered %,d: %,.0f/s; CPU for 1,000: gateway %.2f s, Redis %.2f s; gateway %,d MB live, %,d MB"
                                + " resident; out of order %d%n",
                        all,
                        each / ((System.nanoTime() - begun) / 1e9),
                        cpu(gateway.pid()).minus(ofGateway).toMillis() / (double) each,
                        cpu(RedisInfo.figure(redis, "server", "process_id"))
                                        .minus(ofRedis)
                                        .toMillis()
                                / (double) each,
                        Jvm.heap(gateway) >> 20,
                        resident(gateway),
                        outOfOrder.get());
            }
            assertThat(outOfOrder).hasValue(0);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private HttpServer target() {
        return vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    if (down) {
                        request.response().setStatusCode(503).end();
                        return;
                    }
                    Message message = Message.of(body.getBytes());
                    int lane = Integer.parseInt(message.entity());
                    if (taken.getAndSet(lane, message.number() + 1) != message.number()) {
                        outOfOrder.incrementAndGet();
                    }
                    delivered.incrementAndGet();
                    request.response().end();
                }))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static Duration cpu(long pid) {
        return ProcessHandle.of(pid).orElseThrow().info().totalCpuDuration().orElseThrow();
    }

    private void queue(Gateway gateway, EmbeddedRedis redis) throws Exception {
        long empty = RedisInfo.figure(redis, "memory", "used_memory");
        int each = EVENTS / REPORTS;
        for (int report = 0; report < REPORTS; report++) {
            long begun = System.nanoTime();
            send(gateway, report * each, each);
            double seconds = (System.nanoTime() - begun) / 1e9;
            long memory = RedisInfo.figure(redis, "memory", "used_memory") - empty;
            System.out.printf(
                    "queued %,d: %,.0f/s; Redis %,d bytes an event; gateway %,d MB live, %,d MB resident; others %s%n",
                    (report + 1) * each,
                    each / seconds,
                    memory / ((report + 1L) * each),
                    Jvm.heap(gateway) >> 20,
                    resident(gateway),
                    probed());
        }
    }

    private void drain(Gateway gateway, EmbeddedRedis redis) throws Exception {
        long begun = System.nanoTime();
        long deadline = begun + PATIENCE.toNanos();
        int reported = 0;
        while (delivered.get() < EVENTS && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            int done = (int) ((long) delivered.get() * REPORTS / EVENTS);
            if (done > reported) {
                reported = done;
                int[] counts = new int[LANES];
                for (int lane = 0; lane < LANES; lane++) {
                    counts[lane] = taken.get(lane);
                }
                Arrays.sort(counts);
                System.out.printf(
                        "delivered %,d after %.0f s; a lane has had %d to %d, every tenth %d or less, half of them %d or more;"
                                + " out of order %d; Redis %,d MB; gateway %,d MB live, %,d MB resident; others %s%n",
                        delivered.get(),
                        (System.nanoTime() - begun) / 1e9,
                        counts[0],
                        counts[LANES - 1],
                        counts[LANES / 10],
                        counts[LANES / 2],
                        outOfOrder.get(),
                        RedisInfo.figure(redis, "memory", "used_memory") >> 20,
                        Jvm.heap(gateway) >> 20,
                        resident(gateway),
                        probed());
            }
        }
    }

    /** What the probes took since the last time this was asked. */
    private String probed() {
        double[] millis =
                probes.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        probes.clear();
        return millis.length == 0
                ? "none"
                : String.format(
                        "median %.1f ms, p99 %.1f ms, longest %.0f ms",
                        millis[millis.length / 2], millis[millis.length * 99 / 100], millis[millis.length - 1]);
    }

    private void probe(Gateway gateway) {
        while (!over) {
            LockSupport.parkNanos(BETWEEN_PROBES.toNanos());
            post(gateway, "PROBE", new Message(Long.toString(System.nanoTime()), 0), new CountDownLatch(1));
        }
    }

    private void send(Gateway gateway, int from, int events) throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(events);
        AtomicInteger next = new AtomicInteger(from);
        for (int sender = 0; sender < SENDERS; sender++) {
            vertx.runOnContext(nothing -> sendOn(gateway, next, from + events, answered));
        }
        if (!answered.await(PATIENCE.toMinutes(), TimeUnit.MINUTES)) {
            throw new IllegalStateException(answered.getCount() + " were not answered");
        }
    }

    private void sendOn(Gateway gateway, AtomicInteger next, int end, CountDownLatch answered) {
        int event = next.getAndIncrement();
        if (event < end) {
            post(gateway, "ORDER_STATUS_UPDATED", new Message(Integer.toString(event % LANES), event / LANES), answered)
                    .onComplete(done -> sendOn(gateway, next, end, answered));
        }
    }

    private Future<Void> post(Gateway gateway, String type, Message message, CountDownLatch answered) {
        byte[] body = ("{\"event\":\"" + type + "\",\"timestamp\":\"2026-11-24T12:00:00Z\",\"data\":{\"orderId\":\""
                        + message.entity() + "\",\"number\":" + message.number() + ",\"note\":\"" + PADDING + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
        URI uri = gateway.in("shop");
        return http.request(HttpMethod.POST, uri.getPort(), uri.getHost(), uri.getPath())
                .compose(request -> request.putHeader("X-Signature", RecordingTarget.sign(Shop.SECRET, body))
                        .send(Buffer.buffer(body)))
                .compose(response -> {
                    if (response.statusCode() != 200) {
                        throw new IllegalStateException("answered " + response.statusCode());
                    }
                    answered.countDown();
                    return response.end();
                })
                .onFailure(Throwable::printStackTrace);
    }

    private static long resident(Gateway gateway) throws Exception {
        return Files.readAllLines(Path.of("/proc", Long.toString(gateway.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .sum();
    }

    private static Map<String, String> settings(HttpServer target, HttpServer well, String log) {
        Map<String, String> settings = new HashMap<>(Shop.settings(Map.of(), "5s"));
        settings.put("sluice.targets.down.url", "http://127.0.0.1:" + target.actualPort() + "/");
        settings.put("sluice.targets.down.events", "ORDER_*");
        settings.put("sluice.targets.down.backlog.max", "10000000");
        settings.put("sluice.targets.down.backlog.max.bytes", "10G");
        settings.put("sluice.targets.well.url", "http://127.0.0.1:" + well.actualPort() + "/");
        settings.put("sluice.targets.well.events", "PROBE");
        settings.put(LOG_LEVEL, log);
        return settings;
    }
}
