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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that are as large as they may be, for a target that takes its time: more than the gateway's memory, if it took as many lanes as it may. */
class HeavyBodiesIT {
    private static final Path DIRECTORY = Path.of("target", "system", "heavy");

    /** As many as a target may have under way. */
    private static final int EVENTS = 64;

    /** A quarter of the gateway's memory, and what was being read when it was full. */
    private static final long MOST_UNDER_WAY = 32;

    private static final String SPACE = " ".repeat(950_000);
    private static final Vertx VERTX = Vertx.vertx();

    private final HttpClient client = HttpClient.newHttpClient();
    private EmbeddedRedis redis;
    private RecordingTarget slow;
    private RecordingTarget well;
    private Gateway gateway;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        slow = new RecordingTarget(VERTX, Shop.TARGET_SECRET).answeringAfter(Duration.ofSeconds(5));
        well = new RecordingTarget(VERTX, Shop.TARGET_SECRET);
        Map<String, String> settings = Shop.settings(Map.of("slow", slow, "well", well), "1s");
        settings.put("sluice.policies.default.timeout", "1m");
        // So that one claim finds many lanes.
        settings.put("sluice.lanes.partitions", "1");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
    }

    @AfterEach
    void stop() {
        gateway.close();
        slow.close();
        well.close();
        redis.close();
    }

    @Test
    void noMoreAreUnderWayThanThereIsMemoryForAndNoTargetWaitsForAnother() throws Exception {
        send("order", EVENTS);
        await().atMost(PATIENCE).until(() -> well.delivered() == EVENTS);
        assertThat(slow.delivered()).isLessThan(EVENTS);
        assertThatAllArriveAndNotTooManyAtOnce();
    }

    /** Whoever comes then might claim all of it at once. */
    @Test
    void ofWhatWaitsNoMoreIsTakenThanThereIsMemoryFor() throws Exception {
        send("order", EVENTS);
        gateway.close();
        gateway.start();
        assertThatAllArriveAndNotTooManyAtOnce();
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

    private void send(String prefix, int events) throws Exception {
        for (int i = 0; i < events; i++) {
            send(new Message(prefix + "-" + i, 0));
        }
    }

    private void send(Message message) throws Exception {
        byte[] body = (new String(message.body(), StandardCharsets.UTF_8) + SPACE).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.in("shop")).POST(BodyPublishers.ofByteArray(body));
        Shop.SIGNER.sign(request, body);
        assertThat(client.send(request.build(), BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }
}
