package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bodies that are as large as they may be, for a target that takes its time: more than the gateway's memory, if it took as many lanes as it may. */
@Tag("jdk")
class HeavyBodiesIT {
    private static final Path DIRECTORY = Path.of("target", "system", "heavy");

    /** As many as a target may have under way. */
    private static final int EVENTS = 64;

    private static final int FEW = 20;

    /** A quarter of the gateway's memory, and what was being read when it was full. */
    private static final long MOST_UNDER_WAY = 32;

    /** So that one claim finds many lanes. */
    private static final Map<String, String> ONE_PARTITION = Map.of("sluice.lanes.partitions", "1");

    private static final Executor AFTER_A_WHILE = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
    private static final String SPACE = " ".repeat(950_000);
    private static final Vertx VERTX = Vertx.vertx();

    private final HttpClient client = HttpClient.newHttpClient();
    private EmbeddedRedis redis;
    private RecordingTarget slow;
    private RecordingTarget well;
    private Endpoint first;
    private Endpoint second;
    private Gateway gateway;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        slow = new RecordingTarget(VERTX, Shop.TARGET_SECRET).answeringAfter(Duration.ofSeconds(3));
        well = new RecordingTarget(VERTX, Shop.TARGET_SECRET);
        first = new Endpoint(VERTX);
        second = new Endpoint(VERTX);
    }

    @AfterEach
    void stop() {
        gateway.close();
        slow.close();
        well.close();
        first.close();
        second.close();
        redis.close();
    }

    @Test
    void noMoreAreUnderWayThanThereIsMemoryForAndNoTargetWaitsForAnother() throws Exception {
        startGateway(Map.of("slow", slow, "well", well), ONE_PARTITION);
        send("shop", EVENTS, 0, SPACE);
        await().atMost(PATIENCE).until(() -> well.delivered() == EVENTS);
        assertThat(slow.delivered()).isLessThan(EVENTS);
        assertThatAllArriveAndNotTooManyAtOnce();
    }

    /** Whoever comes then might claim all of it at once. */
    @Test
    void ofWhatWaitsNoMoreIsTakenThanThereIsMemoryFor() throws Exception {
        startGateway(Map.of("slow", slow, "well", well), ONE_PARTITION);
        send("shop", EVENTS, 0, SPACE);
        gateway.close();
        gateway.start();
        assertThatAllArriveAndNotTooManyAtOnce();
    }

    /** As many lanes as a target may have, each with a small event before a large one. */
    @Test
    void noLaneGoesOnWithALargeEventForWhichThereIsNoMemory() throws Exception {
        CompletableFuture<Integer> smallOnes = new CompletableFuture<>();
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger mostAtOnce = new AtomicInteger();
        first.answeringLater(request -> {
            if (request.number() == 0) {
                return smallOnes;
            }
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            return CompletableFuture.supplyAsync(() -> 200, AFTER_A_WHILE)
                    .whenComplete((status, failure) -> atOnce.decrementAndGet());
        });
        startGateway(Map.of(), eachItsOwn());
        send("shop", EVENTS, 0, "");
        await().atMost(PATIENCE).until(() -> first.count() == EVENTS);
        send("shop", EVENTS, 1, SPACE);
        smallOnes.complete(200);
        await().atMost(PATIENCE).until(() -> first.count() == 2 * EVENTS);
        assertThat(mostAtOnce).hasValueBetween(10, (int) MOST_UNDER_WAY);
    }

    /** What has fallen to one lane, as others had the memory, has more when they have done with it. */
    @Test
    void aTargetHasMoreLanesAgainOnceThereIsRoom() throws Exception {
        CompletableFuture<Integer> heavyOnes = new CompletableFuture<>();
        first.answeringLater(request -> heavyOnes);
        second.answeringLater(request -> new CompletableFuture<>());
        startGateway(Map.of(), eachItsOwn());
        send("shop", EVENTS, 0, SPACE);
        send("depot", FEW, 0, "");
        await().atMost(PATIENCE).until(() -> second.count() == 1);
        heavyOnes.complete(200);
        await().atMost(PATIENCE).until(() -> second.count() == FEW);
        await().atMost(PATIENCE).until(() -> first.count() == EVENTS);
    }

    private Map<String, String> eachItsOwn() {
        return Map.of(
                "sluice.targets.first.url", first.url(),
                "sluice.targets.first.sources", "shop",
                "sluice.targets.second.url", second.url(),
                "sluice.targets.second.sources", "depot",
                "sluice.sources.depot.scheme", "optondemand",
                "sluice.sources.depot.secrets", Shop.SECRET,
                "sluice.sources.depot.ordering-key", "/data/orderId",
                // So many that nobody looks for what was forgotten in less than a minute.
                "sluice.lanes.partitions", "1024");
    }

    private void startGateway(Map<String, RecordingTarget> targets, Map<String, String> more) {
        Map<String, String> settings = Shop.settings(targets, "1s");
        settings.put("sluice.policies.default.timeout", "1m");
        settings.putAll(more);
        gateway = Gateway.asShipped(DIRECTORY.resolve("gateway"), redis.uri(), settings);
    }

    private void assertThatAllArriveAndNotTooManyAtOnce() {
        await().atMost(PATIENCE.multipliedBy(2)).until(() -> slow.delivered() == EVENTS);
        List<Arrival> arrivals = slow.arrivals();
        long mostAtOnce = arrivals.stream()
                .mapToLong(one -> arrivals.stream()
                        .filter(other -> other.began() <= one.began() && one.began() < other.ended())
                        .count())
                .max()
                .orElseThrow();
        assertThat(mostAtOnce).isBetween(10L, MOST_UNDER_WAY);
    }

    private void send(String source, int lanes, int number, String rest) throws Exception {
        for (int i = 0; i < lanes; i++) {
            send(source, new Message("order-" + i, number), rest);
        }
    }

    private void send(String source, Message message, String rest) throws Exception {
        byte[] body = (new String(message.body(), StandardCharsets.UTF_8) + rest).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.in(source)).POST(BodyPublishers.ofByteArray(body));
        Shop.SIGNER.sign(request, body);
        assertThat(client.send(request.build(), BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }
}
