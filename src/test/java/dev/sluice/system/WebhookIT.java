package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.Deadlines.SOON;
import static dev.sluice.system.Deadlines.UNDER_WAY;
import static dev.sluice.system.WebhookConfiguration.ENCRYPTION_KEY;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.OVERLAP;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.signature.OpenSsl;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The Webhook API, from outside: two packaged gateways on one Redis, an application that publishes, and developers' endpoints.
 * Each test has event types and orders of its own, so that what another one left behind does not matter.
 */
class WebhookIT {
    private static final Path DIRECTORY = Path.of("target", "system", "webhooks");
    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private static RedisLook look;
    private static Gateway one;
    private static Gateway two;
    private static ApiClient manager;
    private static ApiClient publisher;

    @BeforeAll
    static void startTwoGateways() throws Exception {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        look = new RedisLook(VERTX, redis.uri());
        List<Gateway> both = Concurrently.call(List.of(() -> gateway("one"), () -> gateway("two")));
        one = both.get(0);
        two = both.get(1);
        manager = new ApiClient(one, MANAGER);
        publisher = new ApiClient(one, PUBLISHER);
    }

    @AfterAll
    static void stop() throws Exception {
        Concurrently.call(List.of(() -> close(one), () -> close(two)));
        look.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whatIsPublishedArrivesByteForByteAndSignedForEveryReceiver() throws Exception {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
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
    void theSecretIsShownInTheAnswersThatHandItOutAndNowhereElse() {
        Registered webhook = manager.register("http://127.0.0.1:1/", "NEVER");
        assertThat(manager.post(webhook.path() + "/secret", "").body()).contains("whsec_");
        for (Answer answer : List.of(
                manager.get(webhook.path()),
                manager.get("/webhooks?limit=500"),
                manager.patch(webhook.path(), "{\"enabled\":false}"),
                manager.post(webhook.path() + "/test", ""))) {
            assertThat(answer.status()).as(answer.body()).isLessThan(300);
            assertThat(answer.body()).doesNotContain("whsec_", "secretKey");
        }
        assertThat(manager.get("/webhooks?limit=500").body()).contains(webhook.id());
    }

    @Test
    void anEndpointThatIsDownIsTriedAfterEverLongerDelaysAndThenGetsEverythingInOrder() {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
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
                            .isBetween(delay.minusMillis(2), delay.plusMillis(1_500));
                }
            }
        }
    }

    @Test
    void eventsAreInOrderByTheirKeyElseByTheConfiguredPlaceElseByTheirType() {
        AtomicBoolean open = new AtomicBoolean();
        try (Endpoint endpoint = new Endpoint(VERTX)) {
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
    void theNextAttemptGoesToTheNewUrlAndTheOrderStays() {
        try (Endpoint before = new Endpoint(VERTX).answering(500);
                Endpoint after = new Endpoint(VERTX)) {
            Registered webhook = manager.register(before.url(), "MOVED");
            for (int number = 0; number < 4; number++) {
                publisher.publish("MOVED", "moved", number);
            }
            await().atMost(PATIENCE).until(() -> before.count() >= 2);
            Answer changed = manager.patch(webhook.path(), "{\"url\":\"" + after.url() + "\"}");
            long answered = System.nanoTime();
            assertThat(changed.text("url")).isEqualTo(after.url());

            await().atMost(PATIENCE).until(() -> after.count() == 4);
            assertThat(after.received()).extracting(Received::number).containsExactly(0, 1, 2, 3);
            assertThat(Integer.parseInt(after.received().get(0).header("Webhook-Attempt")))
                    .as("it goes on with the same event")
                    .isGreaterThan(2);
            assertThat(before.since(answered, SOON)).isEmpty();
            assertThat(before.received()).extracting(Received::number).containsOnly(0);
        }
    }

    @Test
    void aChangeOfEventsHoldsForWhatIsPublishedAfterIt() {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
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
    void whileAWebhookIsDisabledItsEventsWaitAndAfterwardsArriveInOrder() {
        try (Endpoint endpoint = new Endpoint(VERTX);
                Endpoint control = new Endpoint(VERTX)) {
            Registered webhook = manager.register(endpoint.url(), "PAUSED");
            manager.register(control.url(), "PAUSED");
            new ApiClient(two, MANAGER).awaitKnown(webhook);
            Answer disabled = manager.patch(webhook.path(), "{\"enabled\":false}");
            assertThat(disabled.json().path("enabled").asBoolean(true)).isFalse();
            assertThat(disabled.text("disabledBecause")).isNotEmpty();
            for (int number = 0; number < 10; number++) {
                new ApiClient(number % 2 == 0 ? one : two, PUBLISHER).publish("PAUSED", "paused", number);
            }
            await().atMost(PATIENCE).until(() -> control.count() == 10);
            assertThat(endpoint.received()).isEmpty();

            Answer enabled = new ApiClient(two, MANAGER).patch(webhook.path(), "{\"enabled\":true}");
            assertThat(enabled.json().path("enabled").asBoolean()).isTrue();
            assertThat(enabled.json().has("disabledBecause")).isFalse();
            await().atMost(PATIENCE).until(() -> endpoint.count() == 10);
            assertThat(endpoint.received())
                    .extracting(Received::number)
                    .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
        }
    }

    @Test
    void anEndpointThatIsGoneDisablesItsWebhookAndEnablingItResumesWhatWaits() {
        try (Endpoint endpoint = new Endpoint(VERTX).answering(410)) {
            Registered webhook = manager.register(endpoint.url(), "GONE");
            new ApiClient(two, MANAGER).awaitKnown(webhook);
            double before = one.metric("sluice_webhooks_disabled_total");
            publisher.publish("GONE", "gone", 0);
            await().atMost(PATIENCE)
                    .until(() -> !manager.shown(webhook).path("enabled").asBoolean());
            assertThat(manager.shown(webhook).path("disabledBecause").asText()).contains("410");
            await().atMost(SOON)
                    .until(() -> !new ApiClient(two, MANAGER)
                            .shown(webhook)
                            .path("enabled")
                            .asBoolean());
            await().atMost(PATIENCE).until(() -> one.metric("sluice_webhooks_disabled_total") == before + 1);
            publisher.publish("GONE", "gone", 1);
            endpoint.answering(200);
            assertThat(endpoint.count()).isEqualTo(1);

            manager.patch(webhook.path(), "{\"enabled\":true}");
            await().atMost(PATIENCE).until(() -> endpoint.count() == 3);
            assertThat(endpoint.received()).extracting(Received::number).containsExactly(0, 0, 1);
        }
    }

    @Test
    void unsubscribingEndsAllSendingAndLeavesNothingInRedis() {
        try (Endpoint failing = new Endpoint(VERTX).answering(500);
                Endpoint control = new Endpoint(VERTX).answering(500)) {
            // What stays of events and of webhooks whoever wants them: taken first, it is no difference afterwards.
            Registered first = manager.register("http://127.0.0.1:1/", "NEVER");
            manager.delete(first.path());
            for (int order = 0; order < 20; order++) {
                publisher.publish("LEFT", "left-" + order, 0);
            }
            await().atMost(PATIENCE).until(() -> look.holding(first.id()).isEmpty());
            Set<String> before = look.keys();

            Registered ordered = manager.register(failing.url(), "LEFT");
            Registered unordered = manager.registerWith(failing.url(), ",\"ordered\":false", "LEFT");
            Registered dead = manager.registerWith(failing.url(), ",\"policy\":\"once\"", "LEFT");
            Registered stays = manager.register(control.url(), "LEFT");
            new ApiClient(two, MANAGER).awaitKnown(stays);
            for (int number = 1; number <= 40; number++) {
                new ApiClient(number % 2 == 0 ? one : two, PUBLISHER).publish("LEFT", "left-" + number % 20, number);
            }
            await().atMost(PATIENCE).until(() -> deadLetters(dead) == 40);
            manager.patch(ordered.path(), "{\"enabled\":false}");
            manager.patch(ordered.path(), "{\"enabled\":true}");
            for (Registered webhook : List.of(ordered, unordered, dead)) {
                assertThat(look.holding(webhook.id())).hasSizeGreaterThan(20);
                manager.delete(webhook.path());
                assertThat(manager.get(webhook.path()).status()).isEqualTo(404);
            }
            long answered = System.nanoTime();
            publisher.publish("LEFT", "left-0", 41);
            for (Registered webhook : List.of(ordered, unordered, dead)) {
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(look.holding(webhook.id())).isEmpty());
            }
            int count = control.count();
            await().atMost(PATIENCE).until(() -> control.count() >= count + 60);
            assertThat(failing.since(answered, UNDER_WAY)).isEmpty();
            for (Registered webhook : List.of(ordered, unordered, dead)) {
                assertThat(look.holding(webhook.id())).isEmpty();
            }

            manager.delete(stays.path());
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(before).containsAll(look.keys()));
        }
    }

    @Test
    void attemptsThatAWebhookLeavesUnderWayLeaveNothingBehind() {
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        try (Endpoint endpoint = new Endpoint(VERTX)) {
            endpoint.answeringLater(request -> {
                CompletableFuture<Integer> answer = new CompletableFuture<>();
                synchronized (answers) {
                    answers.add(answer);
                }
                return answer;
            });
            Registered webhook = manager.register(endpoint.url(), "HELD");
            for (int order = 0; order < 4; order++) {
                publisher.publish("HELD", "held-" + order, 0);
                publisher.publish("HELD", "held-" + order, 1);
            }
            await().atMost(PATIENCE).until(() -> endpoint.count() == 4);
            manager.delete(webhook.path());
            await().atMost(PATIENCE).until(() -> look.holding(webhook.id()).isEmpty());
            List<Integer> statuses = List.of(200, 410, 429, 500);
            for (int i = 0; i < 4; i++) {
                answers.get(i).complete(statuses.get(i));
            }
            await().atMost(PATIENCE).until(() -> settledInVain(webhook) == 4);
            // One Redis connection: what followed those attempts came there before this.
            publisher.publish("HELD", "held-0", 2);
            await().during(Duration.ofMillis(300))
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(look.holding(webhook.id())).isEmpty());
            assertThat(endpoint.count()).isEqualTo(4);
        }
    }

    @Test
    void whatAKilledGatewayLeavesOfAnUnsubscribedWebhookAnotherClearsAway() throws Exception {
        try (Endpoint endpoint = new Endpoint(VERTX);
                Gateway third = gateway("killed")) {
            ApiClient through = new ApiClient(third, MANAGER);
            Registered webhook = through.register(endpoint.url(), "ORPHAN");
            through.patch(webhook.path(), "{\"enabled\":false}");
            for (int batch = 0; batch < 2; batch++) {
                List<String> events = new ArrayList<>();
                for (int number = 0; number < 1_000; number++) {
                    events.add(event("ORPHAN", "orphan-" + number % 250, number));
                }
                through.with(PUBLISHER).publish("[" + String.join(",", events) + "]");
            }
            // Nobody gets to the end of clearing it away before the gateway is gone.
            look.run(Command.ACL, "SETUSER", "default", "-exists");
            try {
                through.delete(webhook.path());
                third.kill();
                assertThat(look.holding(webhook.id())).hasSizeGreaterThan(1);
            } finally {
                look.run(Command.ACL, "SETUSER", "default", "+exists");
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(look.holding(webhook.id())).isEmpty());
            assertThat(endpoint.received()).isEmpty();
        }
    }

    @Test
    void aGatewayThatSleptThroughAnUnsubscriptionSendsNothingMore() throws Exception {
        try (Endpoint failing = new Endpoint(VERTX).answering(500);
                Endpoint control = new Endpoint(VERTX).answering(500);
                Gateway sleeper = gateway("sleeper")) {
            ApiClient through = new ApiClient(sleeper, PUBLISHER);
            Registered webhook = manager.register(failing.url(), "SLEPT");
            Registered stays = manager.register(control.url(), "SLEPT");
            new ApiClient(sleeper, MANAGER).awaitKnown(stays);
            for (int order = 0; order < 20; order++) {
                through.publish("SLEPT", "slept-" + order, 0);
            }
            await().atMost(PATIENCE).until(() -> failing.count() >= 40);
            sleeper.signal("STOP");
            long answered;
            try {
                manager.delete(webhook.path());
                answered = System.nanoTime();
            } finally {
                sleeper.signal("CONT");
            }
            await().atMost(PATIENCE).until(() -> sleeper.health("ready") == 200);
            Answer published = through.post("/events", event("SLEPT", "slept-0", 1));
            assertThat(published.status()).as(published.body()).isEqualTo(202);
            int count = control.count();
            await().atMost(PATIENCE).until(() -> control.count() >= count + 60);
            assertThat(failing.since(answered, UNDER_WAY)).isEmpty();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(look.holding(webhook.id())).isEmpty());
            manager.delete(stays.path());
        }
    }

    @Test
    void whileASecretOverlapsBothSignEachInItsHeader() throws Exception {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
            Registered webhook = manager.register(endpoint.url(), "TURNED");
            Instant asked = Instant.now();
            Answer rotated = manager.post(webhook.path() + "/secret", "");
            assertThat(rotated.status()).isEqualTo(200);
            String secret = rotated.text("secretKey");
            Instant until = Instant.parse(rotated.text("previousValidUntil"));
            assertThat(until)
                    .isBetween(asked.plus(OVERLAP).minusMillis(1), Instant.now().plus(OVERLAP));
            assertThat(secret).startsWith("whsec_").isNotEqualTo(webhook.secretKey());

            publisher.publish("TURNED", "turned", 0);
            Received both = endpoint.only();
            assertThat(both.headers().allValues("X-Signature"))
                    .containsExactly("sha256=" + OpenSsl.hmac(secret, both.bytes()));
            assertThat(both.headers().allValues("X-Signature-Previous"))
                    .containsExactly("sha256=" + OpenSsl.hmac(webhook.secretKey(), both.bytes()));
            assertThat(both.header("Webhook-Signature").split(" ")).hasSize(2);
            both.verify(secret);
            both.verify(webhook.secretKey());

            await().atMost(PATIENCE).until(() -> {
                publisher.publish("TURNED", "turned", 1);
                return endpoint.received().stream()
                        .anyMatch(request ->
                                request.header("X-Signature-Previous").isEmpty());
            });
            assertThat(Instant.now()).isAfter(until);
            int count = endpoint.count();
            publisher.publish("TURNED", "turned", 2);
            await().atMost(PATIENCE).until(() -> endpoint.count() > count);
            Received last = endpoint.received().get(endpoint.count() - 1);
            assertThat(last.header("X-Signature-Previous")).isEmpty();
            assertThat(last.header("Webhook-Signature").split(" ")).hasSize(1);
            last.verify(secret);
            assertThatThrownBy(() -> last.verify(webhook.secretKey())).isInstanceOf(Exception.class);
        }
    }

    @Test
    void noSecretShowsInLogMetricsErrorsOrRedis() {
        try (Endpoint endpoint = new Endpoint(VERTX).answering(500)) {
            Registered webhook = manager.register(endpoint.url(), "SECRETS");
            String rotated = manager.post(webhook.path() + "/secret", "").text("secretKey");
            publisher.publish("SECRETS", "secrets", 0);
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 2);
            List<Answer> answers = List.of(
                    manager.post(webhook.path() + "/test", ""),
                    manager.get(webhook.path()),
                    manager.get("/webhooks?limit=500"),
                    manager.post("/webhooks", "{\"secretKey\":\"" + rotated + "\",\"url\":\"" + rotated + "\"}"),
                    manager.send("PATCH", webhook.path(), "{\"url\":\"http://" + MANAGER + ":x@h/\"}"),
                    manager.post("/webhooks", "{\"" + rotated),
                    publisher.post("/events", "{\"" + rotated),
                    publisher.get("/webhooks"),
                    manager.post("/events", event("SECRETS", "secrets", 1)));
            manager.delete(webhook.path());
            List<String> secrets = new ArrayList<>(List.of(MANAGER, PUBLISHER, OPERATOR, ENCRYPTION_KEY));
            for (String secret : List.of(webhook.secretKey(), rotated)) {
                secrets.add(secret.substring("whsec_".length()));
            }
            for (String secret : secrets) {
                assertThat(answers).extracting(Answer::body).noneMatch(body -> body.contains(secret));
                for (Gateway gateway : List.of(one, two)) {
                    assertThat(gateway.logged().contains(secret)).isFalse();
                    assertThat(gateway.metrics()).contains("sluice_").doesNotContain(secret);
                }
                assertThat(look.holding(secret)).isEmpty();
            }
            assertThat(one.logged() + two.logged() + one.metrics() + two.metrics())
                    .doesNotContain("whsec_", ApiClient.sha256(MANAGER));
            assertThat(look.holding("whsec_")).isEmpty();
            assertThat(one.metrics()).as("labels stay few").doesNotContain("wh_");
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

    @Test
    void whatIsRegisteredAtOneGatewayIsDeliveredOnceWhenItIsPublishedAtTheOther() {
        try (Endpoint endpoint = new Endpoint(VERTX);
                Endpoint moved = new Endpoint(VERTX)) {
            ApiClient managerOfTwo = new ApiClient(two, MANAGER);
            Registered webhook = manager.register(endpoint.url(), "SHARED");
            new ApiClient(two, MANAGER).awaitKnown(webhook);
            for (int number = 0; number < 20; number++) {
                publisher.with(PUBLISHER).publish("SHARED", "shared-" + number % 4, number);
                new ApiClient(two, PUBLISHER).publish("SHARED", "shared-" + number % 4, 100 + number);
            }
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 40);
            assertThat(endpoint.numbers()).hasSize(40);
            assertThat(endpoint.numbers("shared-0")).containsExactly(0, 100, 4, 104, 8, 108, 12, 112, 16, 116);

            managerOfTwo.patch(webhook.path(), "{\"url\":\"" + moved.url() + "\",\"events\":[\"SHARED_TOO\"]}");
            await().atMost(SOON)
                    .until(() -> manager.shown(webhook).path("url").asText().equals(moved.url()));
            publisher.publish("SHARED", "shared-0", 40);
            publisher.publish("SHARED_TOO", "shared-0", 41);
            await().atMost(PATIENCE).until(() -> moved.count() == 1);
            assertThat(moved.received()).extracting(Received::number).containsExactly(41);
            assertThat(endpoint.count()).as("each of them once").isEqualTo(40);

            managerOfTwo.delete(webhook.path());
            assertThat(manager.get(webhook.path()).status())
                    .as("known by all, at once")
                    .isEqualTo(404);
        }
    }

    @Test
    void aRequestUnderTheSameIdempotencyKeyIsTakenOnce() throws Exception {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
            Registered webhook = manager.register(endpoint.url(), "SAME");
            new ApiClient(two, MANAGER).awaitKnown(webhook);
            String body = event("SAME", "same", 0);
            Answer first = publisher.publish(body, "Idempotency-Key", "a key");
            Answer again = new ApiClient(two, PUBLISHER).publish(body, "Idempotency-Key", "a key");
            assertThat(again.body()).isEqualTo(first.body());
            for (String other : List.of(event("SAME", "same", 1), body + " ", "[" + body + "]")) {
                Answer refused = publisher.post("/events", other, "Idempotency-Key", "a key");
                assertThat(refused.status()).isEqualTo(422);
                assertThat(refused.text("type")).isEqualTo("urn:sluice:idempotency-key");
            }

            List<Callable<Answer>> copies = new ArrayList<>();
            for (int copy = 0; copy < 8; copy++) {
                ApiClient through = new ApiClient(copy % 2 == 0 ? one : two, PUBLISHER);
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
    void aBadEventOfABatchDoesNotSpoilTheOthersAndTheirOrderIsThatOfTheBatch() {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
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
    void everyOperationWantsAKeyWithItsRole() {
        Registered webhook = manager.register("http://127.0.0.1:1/", "SHUT");
        for (ApiOperation operation : ApiOperation.all(webhook.path())) {
            for (String key : List.of("", "a-key-that-nobody-has")) {
                Answer refused = operation.through(manager.with(key));
                assertThat(refused.status()).as("%s with '%s'", operation, key).isEqualTo(401);
                assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
                refused.assertProblem("urn:sluice:unauthorized");
            }
            for (String key : operation.refused()) {
                Answer refused = operation.through(manager.with(key));
                assertThat(refused.status()).as("%s with '%s'", operation, key).isEqualTo(403);
                refused.assertProblem("urn:sluice:forbidden");
            }
        }
        assertThat(manager.shown(webhook).path("enabled").asBoolean()).isTrue();
    }

    @Test
    void noWayOfWritingAPathLeadsPastTheGuard() {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
            Registered webhook = manager.register(endpoint.url(), "*");
            new ApiClient(two, MANAGER).awaitKnown(webhook);
            int registered =
                    manager.get("/webhooks?limit=500").json().path("webhooks").size();
            for (ApiOperation operation : ApiOperation.all(webhook.path())) {
                for (String path : ways(operation.path())) {
                    for (String key : List.of("", operation.refused().get(0))) {
                        Answer refused = new ApiClient(two, key).send(operation.method(), path, operation.body());
                        assertThat(refused.status())
                                .as("%s %s with '%s': %s", operation.method(), path, key, refused.body())
                                .isIn(key.isEmpty() ? Set.of(401, 404, 405, 429) : Set.of(403, 404, 405));
                        assertThat(refused.body()).doesNotContain(webhook.id());
                    }
                }
            }
            assertThat(new ApiClient(two, MANAGER)
                            .shown(webhook)
                            .path("enabled")
                            .asBoolean())
                    .isTrue();
            assertThat(manager.get("/webhooks?limit=500").json().path("webhooks"))
                    .hasSize(registered);
            publisher.publish("PROOF", "proof", 0);
            assertThat(endpoint.only().order()).isEqualTo("proof");
            manager.delete(webhook.path());
        }
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
    void anUnknownWebhookIsA404OnEveryOperation() {
        for (ApiOperation operation : ApiOperation.all("/webhooks/wh_AAAAAAAAAAAAAAAAAAAA")) {
            if (operation.path().startsWith("/webhooks/")) {
                Answer absent = operation.through(manager);
                assertThat(absent.status()).as(operation.toString()).isEqualTo(404);
                absent.assertProblem("urn:sluice:unknown-webhook");
            }
        }
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
        try (Endpoint endpoint = new Endpoint(VERTX)) {
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

            int nobody;
            try (ServerSocket free = new ServerSocket(0)) {
                nobody = free.getLocalPort();
            }
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
    void redisAwayIsA503OnEveryOperationAndAllRecoversByItself() throws Exception {
        try (Endpoint endpoint = new Endpoint(VERTX)) {
            Registered webhook = manager.register(endpoint.url(), "AWAY");
            Registered victim = manager.register("http://127.0.0.1:1/", "NEVER");
            Signals.send("STOP", redis.pid());
            try {
                // For as long as what it knows is sure to hold it tells that.
                await().atMost(PATIENCE).until(() -> manager.get(webhook.path()).status() == 503);
                List<Callable<Answer>> calls = new ArrayList<>();
                for (ApiOperation operation : ApiOperation.all(victim.path())) {
                    calls.add(() -> operation.through(manager.with(operation.role())));
                }
                calls.add(() -> publisher.post("/events", event("AWAY", "away", 0), "Idempotency-Key", "away"));
                long asked = System.nanoTime();
                List<Answer> refused = Concurrently.call(calls);
                assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(4));
                assertThat(refused).allSatisfy(answer -> {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                    assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
                    answer.assertProblem("urn:sluice:store-unavailable");
                });
            } finally {
                Signals.send("CONT", redis.pid());
            }
            await().atMost(PATIENCE).until(() -> manager.get(webhook.path()).status() == 200);
            manager.post(webhook.path() + "/secret", "");
            publisher.publish("AWAY", "away", 1);
            await().atMost(PATIENCE).until(() -> endpoint.numbers("away").contains(1));
            manager.delete(webhook.path());
        }
    }

    @Test
    void webhooksOutliveARestartAndAChangeOfTheKeyUnderWhichTheirSecretsAreStored() throws Exception {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.events.catalogue", "ORDER_PAID,ORDER_SHIPPED,REFUND");
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("restarted-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(VERTX).answering(500)) {
            Gateway gateway = new Gateway(DIRECTORY.resolve("restarted"), own.uri(), settings);
            try (gateway) {
                ApiClient client = new ApiClient(gateway, MANAGER);
                for (String unknown : List.of("ORDER_LOST", "order_paid", "RETURN*")) {
                    Answer refused = client.post(
                            "/webhooks",
                            "{\"url\":\"" + endpoint.url() + "\",\"events\":[\"REFUND\",\"" + unknown + "\"]}");
                    refused.assertFaults("/events");
                    assertThat(refused.body()).contains("ORDER_SHIPPED");
                }
                Registered webhook = client.register(endpoint.url(), "ORDER_*");
                client.send("PATCH", webhook.path(), "{\"events\":[\"ORDER_LOST\"]}")
                        .assertFaults("/events");
                client.with(PUBLISHER).publish("ORDER_PAID", "restarted", 0);
                client.with(PUBLISHER).publish("ORDER_SHIPPED", "restarted", 1);
                await().atMost(PATIENCE).until(() -> endpoint.count() >= 2);
                JsonNode before = client.get(webhook.path()).json();

                gateway.close();
                settings.put(
                        "sluice.api.encryption-key", WebhookConfiguration.encryptionKey('n') + "," + ENCRYPTION_KEY);
                gateway.configure(settings);
                gateway.start();
                endpoint.answering(200);
                await().atMost(PATIENCE)
                        .until(() -> endpoint.numbers("restarted").size() == 2);
                await().atMost(PATIENCE).until(() -> client.get(webhook.path()).status() == 200);
                assertThat(client.get(webhook.path()).json()).isEqualTo(before);
                client.with(PUBLISHER).publish("ORDER_PAID", "restarted", 2);
                await().atMost(PATIENCE)
                        .until(() -> endpoint.numbers("restarted").size() == 3);
                assertThat(endpoint.numbers("restarted")).containsExactly(0, 1, 2);
                for (Received request : endpoint.received()) {
                    request.verify(webhook.secretKey());
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
                Endpoint endpoint = new Endpoint(VERTX).answering(500);
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

    @Test
    void whatRedisLostIsNoMoreAndWhatIsRegisteredAfterwardsIsHeard() throws Exception {
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("lost-redis"), "--save", "");
                RedisLook ownLook = new RedisLook(VERTX, own.uri());
                Endpoint endpoint = new Endpoint(VERTX);
                Gateway gateway = new Gateway(DIRECTORY.resolve("lost"), own.uri(), WebhookConfiguration.settings())) {
            ApiClient client = new ApiClient(gateway, MANAGER);
            Registered lost = client.register(endpoint.url() + "/lost", "*");
            client.register(endpoint.url() + "/lost-too", "*");
            ownLook.run(Command.FLUSHALL);
            assertThat(client.send("PATCH", lost.path(), "{\"events\":[\"X\"]}").status())
                    .isEqualTo(404);
            Registered kept = client.register(endpoint.url() + "/kept", "*");
            await().atMost(PATIENCE)
                    .until(() -> client.get("/webhooks").json().get("webhooks").size() == 1);
            assertThat(client.get(kept.path()).status()).isEqualTo(200);
            client.with(PUBLISHER).publish("AFTER", "o", 0);
            await().atMost(PATIENCE).until(() -> endpoint.count() == 1);
            assertThat(endpoint.received()).extracting(Received::path).containsExactly("/hook/kept");
            assertThat(client.send("DELETE", kept.path(), "").status()).isEqualTo(204);
        }
    }

    @Test
    void anEncryptionKeyCanBeTakenOutOnceAllIsSealedAnew() throws Exception {
        Map<String, String> settings = WebhookConfiguration.settings();
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("resealed-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(VERTX)) {
            Gateway gateway = new Gateway(DIRECTORY.resolve("resealed"), own.uri(), settings);
            try (gateway) {
                ApiClient client = new ApiClient(gateway, MANAGER);
                Registered webhook = client.register(endpoint.url(), "*");
                Registered disabled = client.register(endpoint.url(), "*");
                client.patch(disabled.path(), "{\"enabled\":false}");
                gateway.close();
                settings.put(
                        "sluice.api.encryption-key", WebhookConfiguration.encryptionKey('n') + "," + ENCRYPTION_KEY);
                gateway.configure(settings);
                gateway.start();
                await().atMost(PATIENCE)
                        .until(() -> gateway.logged().contains("every webhook's secret is sealed with the first key"));
                gateway.close();
                settings.put("sluice.api.encryption-key", WebhookConfiguration.encryptionKey('n'));
                gateway.configure(settings);
                gateway.start();
                await().atMost(PATIENCE).until(() -> client.get(webhook.path()).status() == 200);
                client.with(PUBLISHER).publish("RESEALED", "o", 0);
                await().atMost(PATIENCE).until(() -> endpoint.count() == 1);
                endpoint.received().get(0).verify(webhook.secretKey());
                client.patch(disabled.path(), "{\"enabled\":true}");
                await().atMost(PATIENCE).until(() -> endpoint.count() == 2);
                endpoint.received().get(1).verify(disabled.secretKey());
            }
        }
    }

    @Test
    void thousandsOfWebhooksCostAnIdleGatewayNothingAndAnEventFindsItsOwn() throws Exception {
        int many = 2_000;
        try (EmbeddedRedis bareRedis = EmbeddedRedis.start(DIRECTORY.resolve("bare-redis"), "--save", "");
                EmbeddedRedis fullRedis = EmbeddedRedis.start(DIRECTORY.resolve("full-redis"), "--save", "");
                RedisLook bareLook = new RedisLook(VERTX, bareRedis.uri());
                RedisLook fullLook = new RedisLook(VERTX, fullRedis.uri());
                Endpoint endpoint = new Endpoint(VERTX)) {
            List<Gateway> both = Concurrently.call(List.of(
                    () -> new Gateway(DIRECTORY.resolve("bare"), bareRedis.uri(), WebhookConfiguration.settings()),
                    () -> new Gateway(DIRECTORY.resolve("full"), fullRedis.uri(), WebhookConfiguration.settings())));
            try (Gateway bare = both.get(0);
                    Gateway full = both.get(1)) {
                assertThat(bare.health("ready")).isEqualTo(200);
                ApiClient client = new ApiClient(full, MANAGER);
                Set<String> ids = ConcurrentHashMap.newKeySet();
                ExecutorService developers = Executors.newFixedThreadPool(16);
                try {
                    List<Future<?>> registering = new ArrayList<>();
                    for (int number = 0; number < many; number++) {
                        String own = Integer.toString(number);
                        registering.add(developers.submit(
                                () -> ids.add(client.register(endpoint.url("/" + own), "TYPE_" + own)
                                        .id())));
                    }
                    for (Future<?> each : registering) {
                        each.get(1, TimeUnit.MINUTES);
                    }
                } finally {
                    developers.shutdownNow();
                }
                assertThat(ids).hasSize(many);
                awaitPassed(Duration.ofSeconds(2));
                long bareBefore = bareLook.scriptCalls();
                long fullBefore = fullLook.scriptCalls();
                awaitPassed(Duration.ofSeconds(6));
                long bareCalls = bareLook.scriptCalls() - bareBefore;
                long fullCalls = fullLook.scriptCalls() - fullBefore;
                assertThat(bareCalls).isGreaterThan(6);
                assertThat(fullCalls).isLessThan(bareCalls + bareCalls / 4);

                for (int number : List.of(1_234, 0, 1_999)) {
                    int count = endpoint.count();
                    client.with(PUBLISHER).publish("TYPE_" + number, "o", number);
                    await().atMost(PATIENCE).until(() -> endpoint.count() > count);
                }
                assertThat(endpoint.received()).extracting(Received::path).containsExactly("/1234", "/0", "/1999");
            }
        }
    }

    private static JsonNode target(ApiClient client, String event) {
        return client.get("/events/" + event).json().get("targets").get(0);
    }

    private static JsonNode attempts(ApiClient client, String event) {
        return target(client, event).get("attempts");
    }

    private static Gateway gateway(String name) {
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), WebhookConfiguration.settings());
    }

    private static void publishKept(String type, String orderingKey, String data) {
        publisher.publish("{\"event\":\"KEPT_" + type + "\""
                + (orderingKey.isEmpty() ? "" : ",\"orderingKey\":" + orderingKey) + ",\"data\":" + data + "}");
    }

    /** The ways of writing a path that a guard of paths was ever got past with. */
    private static List<String> ways(String path) {
        List<String> ways = new ArrayList<>(List.of(
                "/" + path,
                path + "/",
                path + "//",
                path + ";x",
                path + ";x=y/",
                path + "%3Bx",
                path + "%00",
                path + "/.",
                path + "/..",
                path + "?x=/q/health",
                "/;x" + path,
                "/." + path,
                "/%2e" + path,
                "/in/.." + path,
                "/in/%2e%2e" + path,
                "/q/.." + path,
                "/in/..;" + path,
                "/%2F" + path,
                path.toUpperCase(Locale.ROOT),
                "/%" + Integer.toHexString(path.charAt(1)) + path.substring(2),
                path.replace("s", "%73"),
                path.substring(0, 1) + path.substring(1).replace("/", "%2F"),
                path.substring(0, 1) + path.substring(1).replace("/", "%2f"),
                path.substring(0, 1) + path.substring(1).replace("/", "//"),
                path.substring(0, 1) + path.substring(1).replace("/", ";x/"),
                path.substring(0, 1) + path.substring(1).replace("/", "%5C")));
        ways.remove(path);
        return ways.stream().distinct().toList();
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

    private static long deadLetters(Registered webhook) {
        return look.keys().stream()
                .filter(key -> key.endsWith(":x:" + webhook.id()))
                .mapToLong(key -> look.run(Command.ZCARD, key).toLong())
                .sum();
    }

    /** How many attempts at a webhook were settled when there was nothing to settle any more. */
    private static long settledInVain(Registered webhook) {
        return one.logged()
                .lines()
                .filter(line -> line.contains("the lease had passed on") && line.contains(webhook.id()))
                .count();
    }

    /** For what has to be measured over some time. */
    private static void awaitPassed(Duration time) {
        long begun = System.nanoTime();
        await().atMost(PATIENCE).until(() -> System.nanoTime() - begun >= time.toNanos());
    }

    private static Gateway close(Gateway gateway) {
        if (gateway != null) {
            gateway.close();
        }
        return gateway;
    }
}
