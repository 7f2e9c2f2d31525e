package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events that come after a newer one of their kind. */
class StaleIT {
    private static final Path DIRECTORY = Path.of("target", "system", "stale");
    private static final String SECRET = "a-secret-of-the-source";

    private final Vertx vertx = Vertx.vertx();
    private final Endpoint erp = new Endpoint(vertx);
    private EmbeddedRedis redis;
    private Gateway gateway;
    private ApiClient publisher;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        Map<String, String> settings = WebhookConfiguration.settings();
        for (String source : new String[] {"delivering", "dropping"}) {
            settings.put("sluice.sources." + source + ".scheme", "optondemand");
            settings.put("sluice.sources." + source + ".secrets", SECRET);
            settings.put("sluice.sources." + source + ".ordering-key", "/data/orderId");
            settings.put("sluice.sources." + source + ".stale", source.equals("dropping") ? "drop" : "deliver");
            settings.put("sluice.sources." + source + ".stale.by", "header:X-Version,/data/updatedAt");
        }
        settings.put("sluice.publish.stale", "drop");
        settings.put("sluice.publish.stale.by", "/data/version");
        settings.put("sluice.publish.history", "1h");
        settings.put("sluice.targets.erp.url", erp.url());
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        publisher = new ApiClient(gateway, PUBLISHER);
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void oneThatIsDeliveredSaysSoAlsoWhenAnotherGatewayDeliversIt() {
        assertThat(send("delivering", 0, "2025-07-08T12:00:00+02:00").has("stale"))
                .isFalse();
        await().atMost(PATIENCE).until(() -> erp.count() == 1);
        erp.answering(500);
        JsonNode stale = send("delivering", 1, "2025-07-08T09:59:59.999Z");
        assertThat(stale.path("status").asText()).isEqualTo("accepted");
        assertThat(stale.path("stale").asBoolean()).isTrue();
        assertThat(stale.path("targets").asInt()).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> erp.attempts(1) > 0);
        gateway.kill();
        gateway.start();
        erp.answering(200);
        assertThat(send("delivering", 2, "2025-07-08T10:00:00Z").has("stale")).isFalse();
        await().atMost(PATIENCE).until(() -> erp.numbers().size() == 3);
        assertThat(erp.received())
                .allSatisfy(received ->
                        assertThat(received.header("Webhook-Stale")).isEqualTo(received.number() == 1 ? "true" : ""));
        assertThat(erp.attempts(1)).isGreaterThan(1);
    }

    @Test
    void oneThatIsDroppedIsAcceptedCountedAndGoesNowhere() {
        JsonNode first = send("dropping", 0, "2025-07-08T12:00:00Z");
        JsonNode dropped = send("dropping", 1, "2025-07-08T11:00:00Z");
        assertThat(dropped.path("status").asText()).isEqualTo("accepted");
        assertThat(dropped.path("stale").asBoolean()).isTrue();
        assertThat(dropped.path("targets").asInt()).isZero();
        assertThat(dropped.path("sequence").asLong())
                .isEqualTo(first.path("sequence").asLong() + 1);
        JsonNode again = send("dropping", 1, "2025-07-08T11:00:00Z");
        assertThat(again.path("status").asText()).isEqualTo("duplicate");
        assertThat(again.path("id")).isEqualTo(dropped.path("id"));
        send("dropping", 2, "unknown");
        await().atMost(PATIENCE).until(() -> erp.count() == 2);
        assertThat(erp.numbers()).containsExactly(0, 2);
        assertThat(gateway.metric(
                        "sluice_events_total{reason=\"stale-dropped\",result=\"accepted\",source=\"dropping\"}"))
                .isEqualTo(1);
    }

    @Test
    void whatIsPublishedIsComparedAsWellAndItsHistoryTellsWhyItWentNowhere() {
        publish(0, "2");
        Answer dropped = publish(1, "1.5");
        publish(2, "\"10\"");
        await().atMost(PATIENCE).until(() -> erp.count() == 2);
        assertThat(erp.numbers()).containsExactly(0, 2);
        JsonNode story =
                publisher.with(OPERATOR).get("/events/" + dropped.text("id")).json();
        assertThat(story.path("stale").asText()).isEqualTo("dropped");
        assertThat(story.path("targets")).isEmpty();
        assertThat(gateway.metric(
                        "sluice_events_total{reason=\"stale-dropped\",result=\"accepted\",source=\"publish\"}"))
                .isEqualTo(1);
    }

    private Answer publish(int number, String version) {
        return publisher.publish("{\"event\":\"ORDER\",\"data\":{\"orderId\":\"o\",\"number\":" + number
                + ",\"version\":" + version + "}}");
    }

    private JsonNode send(String source, int number, String updatedAt) {
        String body = "{\"event\":\"ORDER\",\"data\":{\"orderId\":\"o\",\"number\":" + number + ",\"updatedAt\":\""
                + updatedAt + "\"}}";
        Answer answer = publisher
                .with("")
                .post(
                        "/in/" + source,
                        body,
                        "X-Signature",
                        RecordingTarget.sign(SECRET, body.getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }
}
