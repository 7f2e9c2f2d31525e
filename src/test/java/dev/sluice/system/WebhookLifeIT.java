package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.signature.OpenSsl;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What developers do with their webhooks, from outside: register them, look at them, try them out and change them. */
@ExtendWith(SharedGatewaysExtension.class)
class WebhookLifeIT {
    private final Vertx vertx;
    private final Gateway one;
    private final ApiClient manager;
    private final ApiClient publisher;

    WebhookLifeIT(SharedGateways gateways) {
        vertx = gateways.vertx();
        one = gateways.one();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
    }

    @Test
    void eachFaultOfARequestIsNamedWithItsPlace() {
        Registered webhook = manager.register("http://127.0.0.1:1/", "FAULTS");
        manager.post("/webhooks", "{}").assertFaults("/url", "/events");
        manager.post(
                        "/webhooks",
                        "{\"url\":\"ftp://x/\",\"events\":[],\"ordered\":\"yes\",\"policy\":\"none\",\"description\":1,"
                                + "\"enabled\":true,\"co~l/our\":1}")
                .assertFaults("/url", "/events", "/ordered", "/policy", "/description", "/enabled", "/co~0l~1our");
        for (String url : List.of("http://user:pass@h/", "http://h/#f", "/hooks", "http://", "http://h:0/", "")) {
            Answer refused = manager.post("/webhooks", "{\"url\":\"" + url + "\",\"events\":[\"FAULTS\",\"\"]}");
            refused.assertFaults("/url", "/events");
            assertThat(refused.body()).doesNotContain("user:pass");
        }
        manager.send(
                        "PATCH",
                        webhook.path(),
                        "{\"url\":\"http://h/#f\",\"events\":\"FAULTS\",\"enabled\":\"no\",\"ordered\":false,\"id\":\"x\"}")
                .assertFaults("/url", "/events", "/enabled", "/ordered", "/id");
        for (String body : List.of("", "[]", "{\"url\":", "null")) {
            manager.post("/webhooks", body).assertFaults("");
            manager.send("PATCH", webhook.path(), body).assertFaults("");
        }
        publisher
                .post("/events", "{\"event\":\"\",\"timestamp\":\"today\",\"orderingKey\":null,\"colour\":1}")
                .assertFaults("/event", "/timestamp", "/orderingKey", "/colour", "/data");
        publisher
                .post("/events", event("FAULTS", "o", 0), "Idempotency-Key", "")
                .assertFaults("");
        assertThat(manager.shown(webhook).path("events").toString()).isEqualTo("[\"FAULTS\"]");
    }

    @Test
    void theListIsPaged() {
        List<String> mine = IntStream.range(0, 5)
                .mapToObj(number ->
                        manager.register("http://127.0.0.1:1/", "PAGED").id())
                .sorted()
                .toList();
        List<String> listed = new ArrayList<>();
        String after = "";
        int pages = 0;
        do {
            JsonNode page = manager.get("/webhooks?limit=2&after=" + after).json();
            assertThat(page.path("webhooks").size()).isBetween(1, 2);
            page.path("webhooks")
                    .forEach(webhook -> listed.add(webhook.path("id").asText()));
            after = page.path("next").asText();
            pages++;
        } while (!after.isEmpty());
        assertThat(pages).isGreaterThan(2);
        assertThat(listed).doesNotHaveDuplicates().isSorted().containsAll(mine);
        for (String limit : List.of("0", "501", "-1", "x")) {
            Answer refused = manager.get("/webhooks?limit=" + limit);
            assertThat(refused.status()).as(limit).isEqualTo(400);
            refused.assertProblem("urn:sluice:invalid");
        }
    }

    @Test
    void aTestSendTellsHowTheEndpointAnswered() throws Exception {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "NEVER");
            Answer taken = manager.post(webhook.path() + "/test", "");
            assertThat(taken.status()).isEqualTo(202);
            assertThat(taken.json().path("delivered").asBoolean()).isTrue();
            assertThat(taken.json().path("status").asInt()).isEqualTo(200);
            Received test = endpoint.only();
            assertThat(test.body()).startsWith("{\"event\":\"webhook.test\",\"timestamp\":\"");
            assertThat(test.header("X-Signature"))
                    .isEqualTo("sha256=" + OpenSsl.hmac(webhook.secretKey(), test.bytes()));
            test.verify(webhook.secretKey());

            endpoint.answering(500);
            Answer failed = manager.post(webhook.path() + "/test", "");
            assertThat(failed.status()).isEqualTo(202);
            assertThat(failed.json().path("delivered").asBoolean(true)).isFalse();
            assertThat(failed.json().path("status").asInt()).isEqualTo(500);

            int nobody = EmbeddedRedis.freePort();
            manager.patch(webhook.path(), "{\"enabled\":false,\"url\":\"http://127.0.0.1:" + nobody + "/\"}");
            Answer refused = manager.post(webhook.path() + "/test", "");
            assertThat(refused.status()).isEqualTo(202);
            assertThat(refused.json().path("delivered").asBoolean(true)).isFalse();
            assertThat(refused.json().has("status")).isFalse();
            assertThat(refused.text("error")).containsIgnoringCase("refused");
            assertThat(endpoint.count()).as("none of them is tried again").isEqualTo(2);
        }
    }

    @Test
    void theNextAttemptGoesToTheNewUrlAndTheOrderStays() {
        try (Endpoint before = new Endpoint(vertx).answering(500);
                Endpoint after = new Endpoint(vertx)) {
            Registered webhook = manager.register(before.url(), "MOVED");
            for (int number = 0; number < 4; number++) {
                publisher.publish("MOVED", "moved", number);
            }
            await().atMost(PATIENCE).until(() -> before.count() >= 2);
            Answer changed = manager.patch(webhook.path(), "{\"url\":\"" + after.url() + "\"}");
            assertThat(changed.text("url")).isEqualTo(after.url());

            await().atMost(PATIENCE).until(() -> after.count() == 4);
            assertThat(after.received()).extracting(Received::number).containsExactly(0, 1, 2, 3);
            assertThat(Integer.parseInt(after.received().get(0).header("Webhook-Attempt")))
                    .as("the attempt behind the last one at the old URL")
                    .isEqualTo(before.count() + 1);
            assertThat(before.received()).extracting(Received::number).containsOnly(0);
        }
    }

    @Test
    void aChangeOfEventsHoldsForWhatIsPublishedAfterIt() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "WISH_A", "WISH_B*");
            publisher.publish("WISH_A", "wish", 0);
            publisher.publish("WISH_C", "wish", 1);
            assertThat(manager.patch(webhook.path(), "{\"events\":[\"WISH_C\",\"WISH_B*\"]}")
                            .json()
                            .path("events"))
                    .extracting(JsonNode::asText)
                    .containsExactly("WISH_C", "WISH_B*");
            publisher.publish("WISH_A", "wish", 2);
            publisher.publish("WISH_C", "wish", 3);
            publisher.publish("WISH_B1", "wish", 4);
            await().atMost(PATIENCE).until(() -> endpoint.count() == 3);
            assertThat(endpoint.received()).extracting(Received::number).containsExactly(0, 3, 4);
        }
    }

    @Test
    void theLogTellsOfEachChangeUnderWhoseKeyItWasMade() {
        Registered webhook = manager.register("http://127.0.0.1:1/", "TOLD");
        manager.patch(webhook.path(), "{\"events\":[\"TOLD_TOO\"]}");
        manager.post(webhook.path() + "/secret", "");
        manager.post(webhook.path() + "/test", "");
        manager.delete(webhook.path());
        for (String step : List.of("registered", "changed", "secret rotated", "tested", "unsubscribed")) {
            assertThat(one.logged().lines().filter(line -> line.contains("\"webhook " + step + "\"")))
                    .as(step)
                    .filteredOn(line -> line.contains("\"target\":\"" + webhook.id() + "\""))
                    .singleElement()
                    .asString()
                    .contains("\"key\":\"manager\"");
        }
    }
}
