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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What gateways know of the registered webhooks, from outside: as much as each other and as Redis, however many there are. */
@ExtendWith(SharedGatewaysExtension.class)
class RegistryIT {
    private static final Path DIRECTORY = Path.of("target", "system", "registry");
    private static final int DEVELOPERS = 4;

    private final SharedGateways gateways;
    private final Vertx vertx;
    private final ApiClient manager;
    private final ApiClient publisher;
    private final ApiClient managerOfTwo;
    private final ApiClient publisherOfTwo;

    RegistryIT(SharedGateways gateways) {
        this.gateways = gateways;
        vertx = gateways.vertx();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
        managerOfTwo = new ApiClient(gateways.two(), MANAGER);
        publisherOfTwo = new ApiClient(gateways.two(), PUBLISHER);
    }

    @Test
    void whatIsRegisteredAtOneGatewayIsDeliveredOnceWhenItIsPublishedAtTheOther() {
        try (Endpoint endpoint = new Endpoint(vertx);
                Endpoint moved = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "SHARED");
            managerOfTwo.awaitKnown(webhook);
            for (int number = 0; number < 20; number++) {
                publisher.publish("SHARED", "shared-" + number % 4, number);
                publisherOfTwo.publish("SHARED", "shared-" + number % 4, 100 + number);
            }
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 40);
            assertThat(endpoint.numbers()).hasSize(40);
            assertThat(endpoint.numbers("shared-0")).containsExactly(0, 100, 4, 104, 8, 108, 12, 112, 16, 116);

            managerOfTwo.patch(webhook.path(), "{\"url\":\"" + moved.url() + "\",\"events\":[\"SHARED_TOO\"]}");
            await().atMost(PATIENCE)
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
    void redisAwayIsA503OnEveryOperationAndAllRecoversByItself() throws Exception {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "AWAY");
            Registered victim = manager.register("http://127.0.0.1:1/", "NEVER");
            Signals.send("STOP", gateways.redis().pid());
            try {
                // For as long as what it knows is sure to hold it tells that.
                await().atMost(PATIENCE).until(() -> manager.get(webhook.path()).status() == 503);
                List<Callable<Answer>> calls = new ArrayList<>();
                ApiOperation.all(victim.path()).stream()
                        // Nothing is kept here to be sent once more: to know that nobody asks Redis.
                        .filter(operation -> !operation.path().endsWith("/replay"))
                        .forEach(operation -> calls.add(() -> operation.through(manager.with(operation.role()))));
                calls.add(() -> publisher.post("/events", event("AWAY", "away", 0), "Idempotency-Key", "away"));
                List<Answer> refused = Concurrently.call(calls);
                assertThat(refused).allSatisfy(answer -> {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                    assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
                    answer.assertProblem("urn:sluice:store-unavailable");
                });
            } finally {
                Signals.send("CONT", gateways.redis().pid());
            }
            await().atMost(PATIENCE).until(() -> manager.get(webhook.path()).status() == 200);
            manager.post(webhook.path() + "/secret", "");
            publisher.publish("AWAY", "away", 1);
            await().atMost(PATIENCE).until(() -> endpoint.numbers("away").contains(1));
            manager.delete(webhook.path());
        }
    }

    @Test
    void whatRedisLostIsNoMoreAndWhatIsRegisteredAfterwardsIsHeard() throws Exception {
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("lost-redis"), "--save", "");
                RedisLook ownLook = new RedisLook(vertx, own.uri());
                Endpoint endpoint = new Endpoint(vertx);
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
    void aGatewayKnowsWhatThereIsAlsoWhileOthersNeverPauseChangingIt() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService developers = Executors.newFixedThreadPool(DEVELOPERS);
        try (Endpoint endpoint = new Endpoint(vertx)) {
            List<Registered> changed = new ArrayList<>();
            List<Future<Integer>> changing = new ArrayList<>();
            for (int developer = 0; developer < DEVELOPERS; developer++) {
                Registered webhook = manager.register("http://127.0.0.1:1/", "CHANGED");
                changed.add(webhook);
                changing.add(developers.submit(() -> {
                    int changes = 0;
                    while (!over.get()) {
                        changes++;
                        manager.patch(webhook.path(), "{\"events\":[\"CHANGED_" + changes + "\"]}");
                    }
                    return changes;
                }));
            }
            // For longer than what a gateway has heard holds.
            long begun = System.nanoTime();
            int published = 0;
            while (System.nanoTime() - begun < Duration.ofSeconds(6).toNanos()) {
                Registered webhook = manager.register(endpoint.url("/" + published), "BUSY_" + published);
                await().atMost(PATIENCE).until(() -> isKnownToTwo(webhook));
                publisherOfTwo.publish("BUSY_" + published, "busy", published);
                published++;
            }
            int all = published;
            await().atMost(PATIENCE).until(() -> endpoint.numbers().size() == all);
            over.set(true);
            for (int developer = 0; developer < DEVELOPERS; developer++) {
                String last = "CHANGED_" + changing.get(developer).get(1, TimeUnit.MINUTES);
                Registered webhook = changed.get(developer);
                await().atMost(PATIENCE)
                        .until(() -> managerOfTwo
                                .shown(webhook)
                                .path("events")
                                .path(0)
                                .asText()
                                .equals(last));
            }
        } finally {
            over.set(true);
            developers.shutdownNow();
        }
    }

    @Test
    void aChangeThatMeetsAnotherVersionThanWasHeardOfIsMadeAllTheSame() {
        RedisLook look = gateways.look();
        for (ApiClient through : List.of(manager, managerOfTwo)) {
            Registered webhook = manager.register("http://127.0.0.1:1/", "TAMPERED");
            managerOfTwo.awaitKnown(webhook);
            // As after a fail-over to a Redis that is behind: nobody is told of what is older than he has heard of.
            look.run(Command.ZADD, "sluice:{fleet}:changed", "1", webhook.id());
            assertThat(through.patch(webhook.path(), "{\"events\":[\"TAMPERED_TOO\"]}")
                            .json()
                            .path("events")
                            .path(0)
                            .asText())
                    .isEqualTo("TAMPERED_TOO");
            look.run(Command.ZADD, "sluice:{fleet}:changed", "1", webhook.id());
            assertThat(through.post(webhook.path() + "/secret", "").status()).isEqualTo(200);
            look.run(Command.ZADD, "sluice:{fleet}:changed", "1", webhook.id());
            through.delete(webhook.path());

            Registered lost = manager.register("http://127.0.0.1:1/", "TAMPERED");
            managerOfTwo.awaitKnown(lost);
            look.run(Command.HDEL, "sluice:{fleet}:webhooks", lost.id());
            assertThat(through.send("PATCH", lost.path(), "{\"events\":[\"TAMPERED_TOO\"]}")
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void thousandsOfWebhooksCostAnIdleGatewayNothingAndAnEventFindsItsOwn() throws Exception {
        int many = 2_000;
        try (EmbeddedRedis bareRedis = EmbeddedRedis.start(DIRECTORY.resolve("bare-redis"), "--save", "");
                EmbeddedRedis fullRedis = EmbeddedRedis.start(DIRECTORY.resolve("full-redis"), "--save", "");
                RedisLook bareLook = new RedisLook(vertx, bareRedis.uri());
                RedisLook fullLook = new RedisLook(vertx, fullRedis.uri());
                Endpoint endpoint = new Endpoint(vertx)) {
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

    /** Which is sure of it, either way. */
    private boolean isKnownToTwo(Registered webhook) {
        Answer answer = managerOfTwo.get(webhook.path());
        assertThat(answer.status()).as(answer.body()).isIn(200, 404);
        return answer.status() == 200;
    }

    /** For what has to be measured over some time. */
    private static void awaitPassed(Duration time) {
        long begun = System.nanoTime();
        await().atMost(PATIENCE).until(() -> System.nanoTime() - begun >= time.toNanos());
    }
}
