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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that are as large as they may be, for a target that hangs: more than the gateway's memory, if it took as many lanes as it may. */
class HeavyBodiesIT {
    private static final Path DIRECTORY = Path.of("target", "system", "heavy");

    /** As many as a target may have under way. */
    private static final int EVENTS = 64;

    /** A quarter of the gateway's memory, and one more for each target. */
    private static final int MOST_UNDER_WAY = 30;

    private static final String SPACE = " ".repeat(950_000);
    private static final Vertx VERTX = Vertx.vertx();

    private final HttpClient client = HttpClient.newHttpClient();
    private EmbeddedRedis redis;
    private RecordingTarget hanging;
    private RecordingTarget well;
    private Gateway gateway;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        hanging = new RecordingTarget(VERTX, Shop.TARGET_SECRET).answering(RecordingTarget.HANG);
        well = new RecordingTarget(VERTX, Shop.TARGET_SECRET);
        Map<String, String> settings = Shop.settings(Map.of("hanging", hanging, "well", well), "1s");
        settings.put("sluice.policies.default.timeout", "20s");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
    }

    @AfterEach
    void stop() {
        gateway.close();
        hanging.close();
        well.close();
        redis.close();
    }

    @Test
    void noMoreAreUnderWayThanThereIsMemoryForAndNoTargetWaitsForAnother() throws Exception {
        for (int i = 0; i < EVENTS; i++) {
            send(new Message("order-" + i, 0));
        }
        await().atMost(PATIENCE).until(() -> well.delivered() == EVENTS);
        assertThat(hanging.requests()).isBetween(10, MOST_UNDER_WAY);

        hanging.answering(200);
        await().atMost(PATIENCE).until(() -> hanging.delivered() == EVENTS);
    }

    private void send(Message message) throws Exception {
        byte[] body = (new String(message.body(), StandardCharsets.UTF_8) + SPACE).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.in("shop")).POST(BodyPublishers.ofByteArray(body));
        Shop.SIGNER.sign(request, body);
        assertThat(client.send(request.build(), BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }
}
