package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.Deadlines.UNDER_WAY;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Unsubscribing, from outside: nothing more is sent, by any gateway, and nothing is left in Redis. */
@ExtendWith(SharedGatewaysExtension.class)
class UnsubscribeIT {
    private static final Path DIRECTORY = Path.of("target", "system", "unsubscribe");
    private static final String FAILING = "sluice:{fleet}:failing";

    private final SharedGateways gateways;
    private final Vertx vertx;
    private final RedisLook look;
    private final Gateway one;
    private final ApiClient manager;
    private final ApiClient publisher;
    private final ApiClient managerOfTwo;
    private final ApiClient publisherOfTwo;

    UnsubscribeIT(SharedGateways gateways) {
        this.gateways = gateways;
        vertx = gateways.vertx();
        look = gateways.look();
        one = gateways.one();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
        managerOfTwo = new ApiClient(gateways.two(), MANAGER);
        publisherOfTwo = new ApiClient(gateways.two(), PUBLISHER);
    }

    @Test
    void unsubscribingEndsAllSendingAndLeavesNothingInRedis() {
        try (Endpoint failing = new Endpoint(vertx).answering(500);
                Endpoint control = new Endpoint(vertx).answering(500)) {
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
            managerOfTwo.awaitKnown(stays);
            for (int number = 1; number <= 40; number++) {
                (number % 2 == 0 ? publisher : publisherOfTwo).publish("LEFT", "left-" + number % 20, number);
            }
            await().atMost(PATIENCE).until(() -> deadLetters(look, dead) == 40);
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
            await().atMost(PATIENCE).until(() -> control.count() >= count + 240);
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
        try (Endpoint endpoint = new Endpoint(vertx)) {
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
            await().atMost(PATIENCE).until(() -> settledInVain(one, webhook) == 4);
            // One Redis connection: what followed those attempts came there before this.
            publisher.publish("HELD", "held-0", 2);
            one.awaitHeartbeats(1);
            assertThat(look.holding(webhook.id())).isEmpty();
            assertThat(endpoint.count()).isEqualTo(4);
        }
    }

    @Test
    void whatAKilledGatewayLeavesOfAnUnsubscribedWebhookAnotherClearsAway() throws Exception {
        try (Endpoint endpoint = new Endpoint(vertx);
                Gateway third = gateways.another("killed")) {
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
        try (Endpoint failing = new Endpoint(vertx).answering(500);
                Endpoint control = new Endpoint(vertx).answering(500);
                Gateway sleeper = gateways.another("sleeper")) {
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
            await().atMost(PATIENCE).until(() -> control.count() >= count + 240);
            assertThat(failing.since(answered, UNDER_WAY)).isEmpty();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(look.holding(webhook.id())).isEmpty());
            manager.delete(stays.path());
        }
    }

    @Test
    void howeverMuchWaitsIsClearedAwayAndWhatOthersNeedOfItStays() {
        Map<String, String> settings = WebhookConfiguration.settings();
        // So few that each has more than is cleared away in one step.
        settings.put("sluice.lanes.partitions", "2");
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("heaped-redis"), "--save", "");
                RedisLook ownLook = new RedisLook(vertx, own.uri());
                Endpoint dead = new Endpoint(vertx).answering(500);
                Endpoint control = new Endpoint(vertx);
                Gateway gateway = new Gateway(DIRECTORY.resolve("heaped"), own.uri(), settings)) {
            ApiClient client = new ApiClient(gateway, MANAGER);
            // What stays of events and of webhooks whoever wants them.
            client.delete(client.register("http://127.0.0.1:1/", "NEVER").path());
            publishHeaped(client, "LANES", 20, 20);
            Set<String> before = ownLook.keys();

            Registered waiting = client.register("http://127.0.0.1:1/", "HEAPED_*");
            Registered stays = client.register(control.url(), "HEAPED_*");
            Registered buried = client.registerWith(dead.url(), ",\"policy\":\"once\"", "HEAPED_LANES");
            client.patch(waiting.path(), "{\"enabled\":false}");
            client.patch(stays.path(), "{\"enabled\":false}");
            publishHeaped(client, "LANE", 2_000, 1);
            publishHeaped(client, "LANES", 1_000, 1_000);
            await().atMost(PATIENCE).until(() -> deadLetters(ownLook, buried) == 1_000);

            client.delete(waiting.path());
            client.delete(buried.path());
            for (Registered webhook : List.of(waiting, buried)) {
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(ownLook.holding(webhook.id())).isEmpty());
            }
            client.patch(stays.path(), "{\"enabled\":true}");
            await().atMost(PATIENCE).until(() -> control.count() == 3_000);
            assertThat(control.numbers("LANE-0"))
                    .containsExactlyElementsOf(IntStream.range(0, 2_000).boxed().toList());
            assertThat(control.numbers()).hasSize(2_000);
            await().atMost(PATIENCE).until(() -> ownLook.holding(stays.id()).size() == 2);
            client.delete(stays.path());
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(before).containsAll(ownLook.keys()));
        }
    }

    @Test
    void aTestOfAWebhookThatWasUnsubscribedAtAnotherGatewayIsA404AndSendsNothing() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService tester = Executors.newSingleThreadExecutor();
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "NEVER");
            managerOfTwo.awaitKnown(webhook);
            Future<Set<Integer>> statuses = tester.submit(() -> {
                Set<Integer> seen = new HashSet<>();
                while (!over.get()) {
                    seen.add(managerOfTwo.post(webhook.path() + "/test", "").status());
                }
                return seen;
            });
            await().atMost(PATIENCE).until(() -> endpoint.count() > 10);
            manager.delete(webhook.path());
            long answered = System.nanoTime();
            assertThat(managerOfTwo.post(webhook.path() + "/test", "").status()).isEqualTo(404);
            over.set(true);
            assertThat(statuses.get(1, TimeUnit.MINUTES)).isSubsetOf(202, 404);
            // Longer than a request may be on its way.
            one.awaitHeartbeats(5);
            assertThat(endpoint.since(answered, UNDER_WAY)).isEmpty();
        } finally {
            over.set(true);
            tester.shutdownNow();
        }
    }

    @Test
    void thatAWebhookFailedIsForgottenWithIt() {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.webhooks.disable-after", "1h");
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("failed-redis"), "--save", "");
                RedisLook ownLook = new RedisLook(vertx, own.uri());
                Endpoint endpoint = new Endpoint(vertx);
                Gateway gateway = new Gateway(DIRECTORY.resolve("failed"), own.uri(), settings)) {
            endpoint.answeringLater(
                    request -> request.path().equals("/late") ? answer : CompletableFuture.completedFuture(500));
            ApiClient client = new ApiClient(gateway, MANAGER);
            Registered failing = client.register(endpoint.url("/failing"), "FAILED");
            Registered late = client.register(endpoint.url("/late"), "FAILED_LATE");
            client.with(PUBLISHER).publish("FAILED", "failed", 0);
            client.with(PUBLISHER).publish("FAILED_LATE", "failed", 0);
            await().atMost(PATIENCE)
                    .until(() ->
                            ownLook.run(Command.HEXISTS, FAILING, failing.id()).toInteger() == 1
                                    && endpoint.received().stream()
                                            .anyMatch(request -> request.path().equals("/late")));
            client.delete(failing.path());
            client.delete(late.path());
            for (Registered webhook : List.of(failing, late)) {
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(ownLook.holding(webhook.id())).isEmpty());
            }
            answer.complete(500);
            await().atMost(PATIENCE).until(() -> settledInVain(gateway, late) == 1);
            // One Redis connection: what followed that attempt came there before this.
            client.with(PUBLISHER).publish("FAILED", "failed", 1);
            assertThat(ownLook.holding(late.id())).isEmpty();
            assertThat(ownLook.keys()).doesNotContain(FAILING);
        }
    }

    private static void publishHeaped(ApiClient client, String type, int events, int orders) {
        for (int first = 0; first < events; first += 1_000) {
            client.with(PUBLISHER)
                    .publish(IntStream.range(first, Math.min(events, first + 1_000))
                            .mapToObj(number -> event("HEAPED_" + type, type + "-" + number % orders, number))
                            .collect(Collectors.joining(",", "[", "]")));
        }
    }

    private static long deadLetters(RedisLook look, Registered webhook) {
        return look.keys().stream()
                .filter(key -> key.endsWith(":x:" + webhook.id()))
                .mapToLong(key -> look.run(Command.ZCARD, key).toLong())
                .sum();
    }

    /** How many attempts at a webhook were settled when there was nothing to settle any more. */
    private static long settledInVain(Gateway gateway, Registered webhook) {
        return gateway.logged()
                .lines()
                .filter(line -> line.contains("the lease had passed on") && line.contains(webhook.id()))
                .count();
    }
}
