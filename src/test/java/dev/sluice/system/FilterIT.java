package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Targets that want only events with something in their bodies. */
class FilterIT {
    private static final Path DIRECTORY = Path.of("target", "system", "filter");
    private static final String SECRET = "a-secret-of-the-source";
    private static final String UNWANTED =
            "sluice_events_total{reason=\"no-target\",result=\"accepted\",source=\"publish\"}";

    private final Vertx vertx = Vertx.vertx();
    private final Endpoint erp = new Endpoint(vertx);
    private final Endpoint all = new Endpoint(vertx);
    private final Endpoint cheap = new Endpoint(vertx);
    private final Endpoint paid = new Endpoint(vertx);
    private EmbeddedRedis redis;
    private Gateway gateway;
    private ApiClient manager;
    private ApiClient publisher;
    private int number;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.sources.raw.secrets", SECRET);
        settings.put("sluice.sources.raw.signature.header", "X-Signature");
        settings.put("sluice.sources.raw.signature.prefix", "sha256=");
        settings.put("sluice.sources.raw.type", "header:X-Type");
        settings.put("sluice.sources.raw.ordering", "source");
        settings.put("sluice.targets.erp.url", erp.url());
        settings.put("sluice.targets.erp.filters[0].pointer", "/data/status");
        settings.put("sluice.targets.erp.filters[0].in", "PAID,SHIPPED");
        settings.put("sluice.targets.erp.filters[1].pointer", "/data/total");
        settings.put("sluice.targets.erp.filters[1].at-least", "100");
        settings.put("sluice.targets.all.url", all.url());
        settings.put("sluice.targets.all.sources", "raw");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        manager = new ApiClient(gateway, MANAGER);
        publisher = new ApiClient(gateway, PUBLISHER);
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void eachTargetGetsWhatItsFiltersHoldOf() {
        manager.registerWith(cheap.url(), ",\"filters\":[{\"pointer\":\"/data/total\",\"lessThan\":100}]", "ORDER");
        Registered webhook = manager.registerWith(
                paid.url(), ",\"filters\":[{\"pointer\":\"/data/status\",\"equals\":\"PAID\"}]", "ORDER");

        publish("PAID", "100.00"); // 0: the ERP and the second webhook
        publish("OPEN", "100"); // 1: nobody
        publish("SHIPPED", "99.99"); // 2: the first webhook
        publish("PAID", "\"250\""); // 3: the ERP and the second webhook
        Answer last = publish("PAID", "1"); // 4: both webhooks
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(erp.numbers()).containsExactly(0, 3);
            assertThat(cheap.numbers()).containsExactly(2, 4);
            assertThat(paid.numbers()).containsExactly(0, 3, 4);
        });
        // What nobody wants is accepted and numbered all the same, and counted.
        assertThat(paid.received().get(0).header("Webhook-Sequence"))
                .isEqualTo(Long.toString(last.json().path("sequence").asLong() - 4));
        assertThat(gateway.metric(UNWANTED)).isEqualTo(1);

        String changed = "[{\"pointer\":\"/data/status\",\"glob\":\"O*\"}]";
        assertThat(manager.patch(webhook.path(), "{\"filters\":" + changed + "}")
                        .json()
                        .path("filters"))
                .hasToString(changed);
        publish("PAID", "100"); // 5: the ERP
        publish("OPEN", "100"); // 6: the second webhook
        manager.patch(webhook.path(), "{\"url\":\"" + paid.url("/moved") + "\"}");
        await().atMost(PATIENCE).until(() -> paid.numbers().contains(6));

        gateway.close();
        gateway.start();
        assertThat(manager.shown(webhook).path("filters")).hasToString(changed);
        publish("PAID", "100"); // 7: the ERP
        publish("OPEN", "100"); // 8: the second webhook
        await().atMost(PATIENCE).until(() -> paid.numbers().contains(8));

        assertThat(manager.patch(webhook.path(), "{\"filters\":[]}").json().has("filters"))
                .isFalse();
        publish("PAID", "100"); // 9: the ERP and the second webhook
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(paid.numbers()).containsExactly(0, 3, 4, 6, 8, 9);
            assertThat(erp.numbers()).containsExactly(0, 3, 5, 7, 9);
            assertThat(cheap.numbers()).containsExactly(2, 4);
        });
    }

    @Test
    void aRepetitionIsOneWhateverTheFiltersSayByThen() {
        Registered webhook = manager.registerWith(
                paid.url(), ",\"filters\":[{\"pointer\":\"/data/status\",\"equals\":\"PAID\"}]", "ORDER");
        String open = event("OPEN", "1");
        Answer first = publisher.publish(open, "Idempotency-Key", "k");
        manager.patch(webhook.path(), "{\"filters\":[]}");
        Answer again = publisher.publish(open, "Idempotency-Key", "k");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        publisher.publish(event("OPEN", "1"));
        await().atMost(PATIENCE).until(() -> paid.count() > 0);
        assertThat(paid.numbers()).containsExactly(1);
    }

    @Test
    void whatIsNotJsonGoesToThoseWithoutFilters() {
        String body = "<order/>";
        Answer answer = publisher
                .with("")
                .post(
                        "/in/raw",
                        body,
                        "X-Type",
                        "ORDER",
                        "X-Signature",
                        RecordingTarget.sign(SECRET, body.getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.text("status")).as(answer.body()).isEqualTo("accepted");
        assertThat(answer.json().path("targets").asInt()).isEqualTo(1);
        assertThat(all.only().body()).isEqualTo(body);
        assertThat(erp.count()).isZero();
    }

    private Answer publish(String status, String total) {
        return publisher.publish(event(status, total));
    }

    private String event(String status, String total) {
        return "{\"event\":\"ORDER\",\"data\":{\"orderId\":\"o\",\"number\":" + number++ + ",\"status\":\"" + status
                + "\",\"total\":" + total + "}}";
    }
}
