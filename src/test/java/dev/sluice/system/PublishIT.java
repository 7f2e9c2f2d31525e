package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishing, from outside: what is published arrives whole, in order and once taken once, and where it stands is told. */
@ExtendWith(SharedGatewaysExtension.class)
class PublishIT {
    private static final Path DIRECTORY = Path.of("target", "system", "publish");

    private final Vertx vertx;
    private final ApiClient manager;
    private final ApiClient publisher;
    private final ApiClient managerOfTwo;
    private final ApiClient publisherOfTwo;

    PublishIT(SharedGateways gateways) {
        vertx = gateways.vertx();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
        managerOfTwo = new ApiClient(gateways.two(), MANAGER);
        publisherOfTwo = new ApiClient(gateways.two(), PUBLISHER);
    }

    @Test
    void whatIsPublishedArrivesByteForByteAndSignedForEveryReceiver() throws Exception {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Answer registered = manager.post(
                    "/webhooks",
                    "{\"url\":\"" + endpoint.url() + "\",\"events\":[\"BYTES_*\"],\"description\":\"the shop\"}");
            assertThat(registered.status()).as(registered.body()).isEqualTo(201);
            assertThat(registered.json().fieldNames())
                    .toIterable()
                    .contains("id", "url", "events", "enabled", "secretKey", "createdAt");
            assertThat(registered.header("Location")).endsWith("/webhooks/" + registered.text("id"));
            String secret = registered.text("secretKey");
            assertThat(secret).matches("whsec_[A-Za-z0-9+/]{43}=");

            String data = "{ \"orderId\" : 1.50,\"z\":1E400,\r\n \"a\":\"\\u00e4\u00e4\\/\", \"b\":[ ]}";
            Answer published = publisher.publish(
                    "{\"data\":" + data
                            + ", \"timestamp\":\"2026-11-24T12:00:00+01:00\", \"orderingKey\":\"o\", \"event\":\"BYTES_SENT\"}");
            assertThat(published.text("status")).isEqualTo("accepted");
            Received received = endpoint.only();
            assertThat(received.body())
                    .isEqualTo("{\"event\":\"BYTES_SENT\",\"timestamp\":\"2026-11-24T12:00:00+01:00\",\"data\":" + data
                            + "}");
            assertThat(received.header("Content-Type")).isEqualTo("application/json");
            assertThat(received.header("Webhook-Id")).isEqualTo(published.text("id"));
            assertThat(received.header("Webhook-Sequence")).isEqualTo(published.text("sequence"));
            assertThat(received.header("Webhook-Event")).isEqualTo("BYTES_SENT");
            assertThat(received.header("X-Signature")).isEqualTo("sha256=" + OpenSsl.hmac(secret, received.bytes()));
            assertThat(received.headers().firstValue("X-Signature-Previous")).isEmpty();
            received.verify(secret);
        }
    }

    @Test
    void eventsAreInOrderByTheirKeyElseByTheConfiguredPlaceElseByTheirType() {
        AtomicBoolean open = new AtomicBoolean();
        try (Endpoint endpoint = new Endpoint(vertx)) {
            endpoint.answering(request -> request.data().path("stuck").asBoolean() && !open.get() ? 500 : 200);
            manager.register(endpoint.url(), "KEPT_*");
            // Of each four the first is stuck, the next two stand behind it, and the last one does not.
            publishKept("A", "\"given\"", "{\"orderId\":\"k1\",\"number\":0,\"stuck\":true}");
            publishKept("B", "\"given\"", "{\"orderId\":\"k2\",\"number\":1}");
            publishKept("A", "\"given\"", "{\"number\":2}");
            publishKept("A", "\"another\"", "{\"orderId\":\"k1\",\"number\":3}");

            publishKept("A", "", "{\"orderId\":\"k7\",\"number\":10,\"stuck\":true}");
            publishKept("B", "", "{\"orderId\":\"k7\",\"number\":11}");
            publishKept("C", "", "{\"number\":12,\"orderId\":\"k7\"}");
            publishKept("A", "", "{\"orderId\":\"k8\",\"number\":13}");

            publishKept("D", "", "{\"number\":20,\"stuck\":true}");
            publishKept("D", "", "{\"number\":21}");
            publishKept("D", "", "[22]");
            publishKept("E", "", "{\"number\":23}");

            await().atMost(PATIENCE)
                    .until(() -> endpoint.attempts(0) > 2
                            && endpoint.attempts(10) > 2
                            && endpoint.attempts(20) > 2
                            && endpoint.numbers().containsAll(Set.of(3, 13, 23)));
            assertThat(endpoint.numbers()).containsOnly(0, 3, 10, 13, 20, 23);

            open.set(true);
            await().atMost(PATIENCE).until(() -> endpoint.numbers().size() == 12);
            assertThat(endpoint.numbers())
                    .containsSubsequence(0, 1, 2)
                    .containsSubsequence(10, 11, 12)
                    .containsSubsequence(20, 21, -1);
        }
    }

    @Test
    void aBadEventOfABatchDoesNotSpoilTheOthersAndTheirOrderIsThatOfTheBatch() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            manager.register(endpoint.url(), "MANY");
            List<String> events = new ArrayList<>();
            for (int number = 0; number < 100; number++) {
                events.add(
                        number % 10 == 5
                                ? "{\"event\":\"MANY\",\"dta\":1}"
                                : event("MANY", "many-" + number % 3, number));
            }
            assertBatch(publisher.publish("[" + String.join(",\n", events) + "]"));
            events.set(5, "no JSON");
            assertBatch(publisher.publish(
                    String.join("\n", events).replace("many-", "lines-"), "Content-Type", "application/x-ndjson"));
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 180);
            for (int order = 0; order < 3; order++) {
                int mine = order;
                List<Integer> expected = IntStream.range(0, 100)
                        .filter(number -> number % 10 != 5 && number % 3 == mine)
                        .boxed()
                        .toList();
                for (String name : List.of("many-", "lines-")) {
                    assertThat(endpoint.received().stream()
                                    .filter(request -> request.order().equals(name + mine))
                                    .map(Received::number))
                            .containsExactlyElementsOf(expected);
                }
            }
            for (String refused :
                    List.of("[" + event("MANY", "x", 0) + ",", "[]", "17", "[" + "1,".repeat(1_000) + "1]")) {
                assertThat(publisher.post("/events", refused).status())
                        .as(refused)
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void aRequestUnderTheSameIdempotencyKeyIsTakenOnce() throws Exception {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "SAME");
            managerOfTwo.awaitKnown(webhook);
            String body = event("SAME", "same", 0);
            Answer first = publisher.publish(body, "Idempotency-Key", "a key");
            Answer again = publisherOfTwo.publish(body, "Idempotency-Key", "a key");
            assertThat(again.body()).isEqualTo(first.body());
            for (String other : List.of(event("SAME", "same", 1), body + " ", "[" + body + "]")) {
                Answer refused = publisher.post("/events", other, "Idempotency-Key", "a key");
                assertThat(refused.status()).isEqualTo(422);
                assertThat(refused.text("type")).isEqualTo("urn:sluice:idempotency-key");
            }

            List<Callable<Answer>> copies = new ArrayList<>();
            for (int copy = 0; copy < 8; copy++) {
                ApiClient through = copy % 2 == 0 ? publisher : publisherOfTwo;
                copies.add(
                        () -> through.publish("[" + event("SAME", "same", 2) + "]", "Idempotency-Key", "another key"));
            }
            assertThat(Concurrently.call(copies))
                    .extracting(Answer::body)
                    .containsOnly(copies.get(0).call().body());

            publisher.publish("SAME", "same", 3);
            publisher.publish("SAME", "same", 3);
            // What was refused does not take up its key.
            String faulty = event("SAME", "same", 4).replace("data", "dta");
            assertThat(publisher
                            .post("/events", faulty, "Idempotency-Key", "a third key")
                            .status())
                    .isEqualTo(400);
            publisher.publish(event("SAME", "same", 4), "Idempotency-Key", "a third key");
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 5);
            assertThat(endpoint.received()).extracting(Received::number).containsExactly(0, 2, 3, 3, 4);
        }
    }

    @Test
    void anEndpointThatIsDownIsTriedAfterEverLongerDelaysAndThenGetsEverythingInOrder() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            endpoint.answering(request ->
                    request.number() == 0 && Integer.parseInt(request.header("Webhook-Attempt")) <= 3 ? 500 : 200);
            manager.registerWith(endpoint.url(), ",\"policy\":\"doubling\"", "DOWN");
            for (int number = 0; number < 4; number++) {
                publisher.publish("DOWN", "down-a", number);
                publisher.publish("DOWN", "down-b", number);
            }
            await().atMost(PATIENCE).until(() -> endpoint.count() == 14);
            for (String order : List.of("down-a", "down-b")) {
                List<Received> tried = endpoint.received().stream()
                        .filter(request -> request.order().equals(order))
                        .toList();
                assertThat(tried).extracting(Received::number).containsExactly(0, 0, 0, 0, 1, 2, 3);
                for (int retry = 0; retry < 3; retry++) {
                    Duration delay = Duration.ofMillis(400L << retry);
                    assertThat(Duration.ofNanos(
                                    tried.get(retry + 1).at() - tried.get(retry).at()))
                            .isGreaterThanOrEqualTo(delay.minusMillis(2));
                }
            }
        }
    }

    @Test
    void whereAnEventStandsIsToldWithEveryAttempt() throws Exception {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.publish.history", "1h");
        settings.put("sluice.webhooks.disable-after", "2s");
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("told-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(vertx).answering(500);
                Gateway gateway = new Gateway(DIRECTORY.resolve("told"), own.uri(), settings)) {
            ApiClient client = new ApiClient(gateway, MANAGER);
            Registered webhook = client.register(endpoint.url(), "*");
            String first = client.with(PUBLISHER).publish("TOLD", "o", 0).text("id");
            String second = client.with(PUBLISHER).publish("TOLD", "o", 1).text("id");
            ApiClient reader = client.with(OPERATOR);
            await().atMost(PATIENCE).until(() -> attempts(reader, first).size() >= 3);
            JsonNode waiting = target(reader, second);
            assertThat(waiting.get("target").asText()).isEqualTo(webhook.id());
            assertThat(waiting.get("state").asText()).isEqualTo("queued");
            assertThat(waiting.get("ahead").asInt()).isEqualTo(1);
            for (int i = 0; i < 3; i++) {
                JsonNode attempt = attempts(reader, first).get(i);
                assertThat(attempt.get("number").asInt()).isEqualTo(i + 1);
                assertThat(attempt.get("status").asInt()).isEqualTo(500);
                assertThat(attempt.get("error").asText()).isEqualTo("HTTP 500");
            }

            // It fails for longer than is put up with.
            await().atMost(PATIENCE)
                    .until(() ->
                            !client.get(webhook.path()).json().get("enabled").asBoolean());
            assertThat(client.get(webhook.path()).text("disabledBecause")).contains("without a single success");
            await().atMost(PATIENCE).until(() -> gateway.metric("sluice_webhooks_disabled_total") == 1);
            await().atMost(PATIENCE).until(() -> gateway.metric("sluice_backlog_events{target=\"webhooks\"}") == 2);
            endpoint.answering(200);
            client.patch(webhook.path(), "{\"enabled\":true}");
            await().atMost(PATIENCE)
                    .until(() -> target(reader, second).get("state").asText().equals("delivered"));
            assertThat(target(reader, first).get("state").asText()).isEqualTo("delivered");
            assertThat(endpoint.numbers("o")).containsExactly(0, 1);
        }
    }

    private void publishKept(String type, String orderingKey, String data) {
        publisher.publish("{\"event\":\"KEPT_" + type + "\""
                + (orderingKey.isEmpty() ? "" : ",\"orderingKey\":" + orderingKey) + ",\"data\":" + data + "}");
    }

    private static void assertBatch(Answer answer) {
        JsonNode results = answer.json().path("results");
        assertThat(results).hasSize(100);
        for (int number = 0; number < 100; number++) {
            JsonNode result = results.get(number);
            boolean bad = number % 10 == 5;
            assertThat(result.path("status").asText()).as(result.toString()).isEqualTo(bad ? "invalid" : "accepted");
            assertThat(result.path("errors").size() > 0).isEqualTo(bad);
            assertThat(result.has("sequence")).isNotEqualTo(bad);
        }
    }

    private static JsonNode target(ApiClient client, String event) {
        return client.get("/events/" + event).json().get("targets").get(0);
    }

    private static JsonNode attempts(ApiClient client, String event) {
        return target(client, event).get("attempts");
    }
}
