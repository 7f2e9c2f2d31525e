package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Webhooks that are disabled, by their developers or because their endpoints want nothing more, from outside. */
@ExtendWith(SharedGatewaysExtension.class)
class DisabledWebhookIT {
    private static final Path DIRECTORY = Path.of("target", "system", "disabled");
    private static final int ROUNDS = 20;
    private static final int ORDERS = 20;

    private final Vertx vertx;
    private final Gateway one;
    private final Gateway two;
    private final RedisLook look;
    private final ApiClient manager;
    private final ApiClient publisher;
    private final ApiClient managerOfTwo;
    private final ApiClient publisherOfTwo;

    DisabledWebhookIT(SharedGateways gateways) {
        vertx = gateways.vertx();
        one = gateways.one();
        two = gateways.two();
        look = gateways.look();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
        managerOfTwo = new ApiClient(gateways.two(), MANAGER);
        publisherOfTwo = new ApiClient(gateways.two(), PUBLISHER);
    }

    @Test
    void whileAWebhookIsDisabledItsEventsWaitAndAfterwardsArriveInOrder() {
        try (Endpoint endpoint = new Endpoint(vertx);
                Endpoint control = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "PAUSED");
            manager.register(control.url(), "PAUSED");
            managerOfTwo.awaitKnown(webhook);
            Answer disabled = manager.patch(webhook.path(), "{\"enabled\":false}");
            assertThat(disabled.json().path("enabled").asBoolean(true)).isFalse();
            assertThat(disabled.text("disabledBecause")).isNotEmpty();
            for (int number = 0; number < 10; number++) {
                (number % 2 == 0 ? publisher : publisherOfTwo).publish("PAUSED", "paused", number);
            }
            await().atMost(PATIENCE).until(() -> control.count() == 10);
            assertThat(endpoint.received()).isEmpty();

            Answer enabled = managerOfTwo.patch(webhook.path(), "{\"enabled\":true}");
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
        try (Endpoint endpoint = new Endpoint(vertx).answering(410)) {
            Registered webhook = manager.register(endpoint.url(), "GONE");
            managerOfTwo.awaitKnown(webhook);
            double before = one.metric("sluice_webhooks_disabled_total");
            publisher.publish("GONE", "gone", 0);
            await().atMost(PATIENCE)
                    .until(() -> !manager.shown(webhook).path("enabled").asBoolean());
            assertThat(manager.shown(webhook).path("disabledBecause").asText()).contains("410");
            await().atMost(PATIENCE)
                    .until(() -> !managerOfTwo.shown(webhook).path("enabled").asBoolean());
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
    void disablingAndEnablingAtOnceLeavesNothingHeldOnceItIsEnabled() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "SWITCHED");
            managerOfTwo.awaitKnown(webhook);
            for (int round = 0; round < ROUNDS; round++) {
                ApiClient disabling = round % 2 == 0 ? manager : managerOfTwo;
                ApiClient enabling = round % 2 == 0 ? managerOfTwo : manager;
                int first = 2 * round * ORDERS;
                Concurrently.call(List.of(
                        () -> disabling.patch(webhook.path(), "{\"enabled\":false}"),
                        () -> enabling.patch(webhook.path(), "{\"enabled\":true}"),
                        () -> publisher.publish(switched(first))));
                publisherOfTwo.publish(switched(first + ORDERS));
                if (!isEnabled(webhook)) {
                    enabling.patch(webhook.path(), "{\"enabled\":true}");
                }
                await().atMost(PATIENCE).until(() -> endpoint.numbers().size() == first + 2 * ORDERS);
            }
        }
    }

    @Test
    void aWebhookThatSucceededBetweenIsNotDisabledForWhatFailedBefore() {
        Duration limit = Duration.ofSeconds(6);
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.webhooks.disable-after", limit.toSeconds() + "s");
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("recovered-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(vertx).answering(500);
                Gateway gateway = new Gateway(DIRECTORY.resolve("recovered"), own.uri(), settings)) {
            ApiClient client = new ApiClient(gateway, MANAGER);
            Registered webhook = client.register(endpoint.url(), "*");
            client.with(PUBLISHER).publish("RECOVERED", "o", 0);
            await().atMost(PATIENCE).until(() -> endpoint.count() > 0);
            long begun = endpoint.received().get(0).at();
            await().atMost(PATIENCE).until(() -> System.nanoTime() - begun > limit.toNanos() / 3);
            endpoint.answering(request -> request.number() == 0 ? 200 : 500);
            client.with(PUBLISHER).publish("RECOVERED", "o", 1);
            await().atMost(PATIENCE).until(() -> endpoint.attempts(1) > 0);
            long begunAgain = endpoint.received().stream()
                    .filter(request -> request.number() == 1)
                    .findFirst()
                    .orElseThrow()
                    .at();
            await().atMost(PATIENCE)
                    .until(() -> !client.shown(webhook).path("enabled").asBoolean());
            assertThat(Duration.ofNanos(System.nanoTime() - begunAgain)).isGreaterThanOrEqualTo(limit);
        }
    }

    @Test
    void aWebhookIsNotDisabledWhileAnotherGatewaySucceeds() {
        Duration limit = Duration.ofSeconds(6);
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.webhooks.disable-after", limit.toSeconds() + "s");
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("mixed-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(vertx);
                Gateway succeeding = new Gateway(DIRECTORY.resolve("succeeding"), own.uri(), settings);
                Gateway failing = new Gateway(DIRECTORY.resolve("failing"), own.uri(), settings)) {
            endpoint.answering(request -> request.order().startsWith("bad") ? 500 : 200);
            ApiClient client = new ApiClient(succeeding, MANAGER);
            // What fails is given up at once: so it is never the other gateway's.
            Registered webhook = client.registerWith(endpoint.url(), ",\"policy\":\"once\"", "*");
            new ApiClient(failing, MANAGER).awaitKnown(webhook);
            AtomicInteger number = new AtomicInteger();
            long begun = System.nanoTime();
            await().pollInterval(Duration.ofMillis(50)).atMost(PATIENCE).until(() -> {
                int next = number.incrementAndGet();
                new ApiClient(succeeding, PUBLISHER).publish("MIXED", "good-" + next, next);
                new ApiClient(failing, PUBLISHER).publish("MIXED", "bad-" + next, next);
                return System.nanoTime() - begun
                        > limit.multipliedBy(3).dividedBy(2).toNanos();
            });
            assertThat(client.shown(webhook).path("enabled").asBoolean()).isTrue();
        }
    }

    /** Events of as many orders as it takes to meet a hold that is left in a part of the partitions only. */
    @Test
    void manyAnswersOf410DisableAWebhookOnce() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            CompletableFuture<Integer> gone = new CompletableFuture<>();
            endpoint.answeringLater(request -> gone);
            Registered webhook = manager.register(endpoint.url(), "GONE_AT_ONCE");
            managerOfTwo.awaitKnown(webhook);
            for (int order = 0; order < 40; order++) {
                (order % 2 == 0 ? publisher : publisherOfTwo).publish("GONE_AT_ONCE", "gone-" + order, 0);
            }
            await().atMost(PATIENCE).until(() -> endpoint.count() == 40);
            double before = disabled();
            gone.complete(410);
            await().atMost(PATIENCE).until(() -> !isEnabled(webhook));
            await().atMost(PATIENCE).until(() -> disabled() > before);
            one.awaitHeartbeats(2);
            assertThat(disabled()).isEqualTo(before + 1);
        }
    }

    @Test
    void aUrlThatIsGoneDoesNotDisableAWebhookThatHasAnotherByNow() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            CompletableFuture<Integer> gone = new CompletableFuture<>();
            endpoint.answeringLater(
                    request -> request.path().equals("/old") ? gone : CompletableFuture.completedFuture(200));
            Registered webhook = manager.register(endpoint.url("/old"), "MOVED");
            managerOfTwo.awaitKnown(webhook);
            publisher.publish("MOVED", "o", 0);
            await().atMost(PATIENCE).until(() -> endpoint.count() == 1);
            manager.patch(webhook.path(), "{\"url\":\"" + endpoint.url("/new") + "\"}");
            // Either may try again.
            await().atMost(PATIENCE)
                    .until(() -> managerOfTwo.get(webhook.path()).body().contains("/new"));
            gone.complete(410);
            await().atMost(PATIENCE).until(() -> endpoint.count() == 2);
            assertThat(endpoint.received().get(1).path()).isEqualTo("/new");
            assertThat(isEnabled(webhook)).isTrue();
        }
    }

    @Test
    void whoMayManageWebhooksDoesNotEndTheHoldOfAnotherTarget() {
        look.run(Command.HSET, "sluice:{0}:t", "erp", "9e15");
        assertThat(manager.send("PATCH", "/webhooks/erp", "{\"enabled\":true}").status())
                .isEqualTo(404);
        assertThat(look.run(Command.HDEL, "sluice:{0}:t", "erp").toInteger()).isOne();
    }

    private static String switched(int first) {
        return IntStream.range(first, first + ORDERS)
                .mapToObj(number -> event("SWITCHED", "switched-" + number, number))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** As both gateways know it, once they know the same. */
    private boolean isEnabled(Registered webhook) {
        return await().atMost(PATIENCE)
                .until(() -> manager.shown(webhook), shown -> shown.equals(managerOfTwo.shown(webhook)))
                .path("enabled")
                .asBoolean();
    }

    private double disabled() {
        return Stream.of(one, two)
                .mapToDouble(gateway -> gateway.metric("sluice_webhooks_disabled_total"))
                .sum();
    }
}
