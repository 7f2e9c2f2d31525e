package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Registered;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Targets that are down for longer than there is room for. */
class BacklogIT {
    private static final int MAX = 20;
    private static final int KEPT = 10;
    private static final int PARTITIONS = 4;
    private static final int ORDERS = 5;
    private static final Path DIRECTORY = Path.of("target", "system", "backlog");
    private static final Vertx VERTX = Vertx.vertx();

    private static final List<String> TARGETS =
            List.of("erp", "crm", "flooded", "flooded-too", "buried", "bulky", "pausing", "state");

    /** Each target has a port of its own: what one test leaves in a lane never arrives at the target of another test. */
    private static final Map<String, Integer> PORTS =
            TARGETS.stream().collect(toMap(name -> name, name -> EmbeddedRedis.freePort()));

    private static EmbeddedRedis redis;
    private static RedisLook look;
    private static Gateway one;
    private static Gateway two;

    @BeforeAll
    static void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        look = new RedisLook(VERTX, redis.uri());
        List<Gateway> both = Concurrently.call(List.of(() -> gateway("one"), () -> gateway("two")));
        one = both.get(0);
        two = both.get(1);
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        look.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    private static Endpoint endpoint(String target) {
        return new Endpoint(VERTX, "127.0.0.1", PORTS.get(target));
    }

    @Test
    void whatComesToAFullTargetIsSetAsideAndOthersGetIt() {
        try (Endpoint erp = endpoint("erp").answering(500);
                Endpoint crm = endpoint("crm")) {
            // The first gateway knows the second one.
            one.awaitHeartbeats(2);
            int published = 80;
            for (int number = 0; number < published / ORDERS; number++) {
                for (int order = 0; order < ORDERS; order++) {
                    Gateway gateway = order % 2 == 0 ? one : two;
                    publish(gateway, "FULL", "o-" + order, number);
                }
            }
            await().atMost(PATIENCE).until(() -> crm.count() == published);
            // Two gateways let in a little more than one.
            double queued = published - full("erp");
            assertThat(queued).isBetween((double) MAX, MAX * 1.25);
            await().atMost(PATIENCE).until(() -> sum("sluice_backlog_events{target=\"erp\"}") == queued);
            assertThat(sum("sluice_backlog_bytes{target=\"erp\"}")).isGreaterThan(MAX * 50);
            await().atMost(PATIENCE)
                    .until(() -> sum("sluice_dead_letters{target=\"erp\"}")
                                    + sum("sluice_dead_letters_dropped{target=\"erp\"}")
                            == full("erp"));
            // A partition that had none has one more.
            assertThat(sum("sluice_dead_letters{target=\"erp\"}")).isBetween((double) KEPT, KEPT * 1.25 + PARTITIONS);
            assertThat(one.logged() + two.logged()).contains("\"message\":\"backlog full\"");
            // What is known of a full one serves for many, and the longer the more.
            double counts = counts();
            for (int number = 0; number < published; number++) {
                publish(one, "FULL", "o-0", published + number);
            }
            assertThat(published * 2 - full("erp")).isEqualTo(queued);
            assertThat(counts() - counts).isLessThan(10);

            erp.answering(200);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(IntStream.range(0, ORDERS))
                            .allSatisfy(order ->
                                    assertThat(erp.numbers("o-" + order)).startsWith(0, 1, 2, 3)));
            assertThat(erp.received().stream().map(Received::body).distinct()).hasSize((int) queued);
            // There is room again.
            await().atMost(PATIENCE).until(() -> {
                publish(one, "FULL", "late", 7);
                return erp.numbers("late").equals(List.of(7));
            });
        }
    }

    @Test
    void ofManyThatComeAtOnceNoMoreAreLetInThanThereIsRoomFor() {
        int published = 3 * MAX;
        // Two targets that want the same are not full at the same time.
        for (int number = 0; number < 3; number++) {
            publish(one, "ASIDE", "aside", number);
        }
        Concurrently.call(IntStream.range(0, published)
                .mapToObj(order -> (Callable<Boolean>) () -> {
                    publish(one, "FLOOD", "o-" + order, 0);
                    return true;
                })
                .toList());
        assertThat(published - full("flooded")).isEqualTo(MAX);
        assertThat(published + 3 - full("flooded-too")).isEqualTo(MAX);
    }

    @Test
    void noDeadLettersGoBeforeThereAreTooMany() {
        try (Endpoint buried = endpoint("buried")) {
            int published = 250;
            buried.answering(503);
            for (int order = 0; order < published; order++) {
                publish(one, "BURIED", "o-" + order, 0);
            }
            buried.answering(400);
            // The other gateway has accepted none of these events.
            one.kill();
            await().atMost(PATIENCE)
                    .until(() -> two.metric("sluice_dead_letters{target=\"buried\"}") == published
                            && two.metric("sluice_dead_letters_dropped{target=\"buried\"}") == 0);
            one.start();
        }
    }

    @Test
    void theBytesOfDeadLettersAreBoundedWhateverTheirSizes() {
        try (Endpoint bulky = endpoint("bulky").answering(500)) {
            for (int order = 0; order < 100; order++) {
                publish(one, "BULKY", "o-" + order, 0);
            }
            String large = "x".repeat(20_000);
            for (int order = 0; order < 100; order++) {
                new ApiClient(one, PUBLISHER)
                        .publish("{\"event\":\"BULKY\",\"data\":{\"orderId\":\"p-" + order + "\",\"text\":\"" + large
                                + "\"}}");
            }
            await().atMost(PATIENCE)
                    .until(() -> sum("sluice_dead_letters{target=\"bulky\"}")
                                    + sum("sluice_dead_letters_dropped{target=\"bulky\"}")
                            == 200);
            long bytes = IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> look.run(Command.HGET, "sluice:{" + partition + "}:n", "dead-bytes:bulky"))
                    .filter(Objects::nonNull)
                    .mapToLong(Response::toLong)
                    .sum();
            assertThat(bytes).isBetween(20_000L, 400_000L);
        }
    }

    @Test
    void aTargetWhoseBacklogIsFullIsPausedWhereItIsToBeAndDrainsWhenItIsResumed() {
        try (Endpoint erp = endpoint("pausing").answering(500)) {
            for (int number = 0; number < MAX + 5; number++) {
                publish(one, "PAUSED", "o", number);
            }
            String paused = "sluice_target_paused{target=\"pausing\"}";
            await().atMost(PATIENCE).until(() -> one.metric(paused) == 1 && two.metric(paused) == 1);
            ApiClient operator = new ApiClient(two, OPERATOR);
            assertThat(operator.get("/ops/targets").body()).contains("\"pausedBecause\":\"its backlog was full\"");

            // It is still full, and may try all the same.
            CompletableFuture<Integer> later = new CompletableFuture<>();
            int attempts = erp.count();
            erp.answeringLater(request -> later);
            operator.post("/ops/targets/pausing/resume", "");
            await().atMost(PATIENCE).until(() -> erp.count() > attempts && one.metric(paused) == 0);
            for (Gateway gateway : List.of(one, two)) {
                publish(gateway, "PAUSED", "o", MAX + 5);
            }
            await().during(Duration.ofSeconds(2))
                    .atMost(PATIENCE)
                    .until(() -> one.metric(paused) == 0 && two.metric(paused) == 0);
            erp.answering(200);
            later.complete(200);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(erp.numbers("o"))
                            .containsExactlyElementsOf(
                                    IntStream.range(0, MAX).boxed().toList()));
            // Once there has been room it is paused when there is none again.
            publish(one, "PAUSED", "o", MAX);
            await().atMost(PATIENCE).until(() -> erp.numbers("o").contains(MAX));
            erp.answering(500);
            for (int number = 0; number < MAX + 5; number++) {
                publish(one, "PAUSED", "again", number);
            }
            await().atMost(PATIENCE).until(() -> one.metric(paused) == 1 && two.metric(paused) == 1);
        }
    }

    @Test
    void aWebhookWhoseBacklogIsFullIsDisabledAndGoesOnWhenItIsEnabled() {
        try (Endpoint erp = new Endpoint(VERTX).answering(500)) {
            ApiClient manager = new ApiClient(one, MANAGER);
            Registered webhook = manager.registerWith(erp.url(), ",\"policy\":\"bounded\"", "BOUNDED");
            for (int number = 0; number < MAX + 5; number++) {
                publish(one, "BOUNDED", "o", number);
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(manager.get(webhook.path())
                                    .json()
                                    .path("enabled")
                                    .asBoolean())
                            .isFalse());
            assertThat(manager.get(webhook.path()).text("disabledBecause")).isEqualTo("its backlog was full");
            publish(one, "BOUNDED", "o", MAX + 5);
            assertThat(full("webhooks")).isEqualTo(6);

            erp.answering(200);
            assertThat(manager.patch(webhook.path(), "{\"enabled\":true}").status())
                    .isEqualTo(200);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(erp.received().stream()
                                    .map(Received::number)
                                    .distinct())
                            .containsExactlyElementsOf(
                                    IntStream.range(0, MAX).boxed().toList()));
        }
    }

    @Test
    void ofATargetThatWantsTheLatestStateOnlyTheLatestWaits() {
        try (Endpoint erp = endpoint("state")) {
            CompletableFuture<Integer> hanging = new CompletableFuture<>();
            erp.answeringLater(request -> hanging);
            publish(one, "STATE", "o", 0);
            await().atMost(PATIENCE).until(() -> erp.count() == 1);
            for (int number = 1; number < 6; number++) {
                publish(number % 2 == 0 ? one : two, "STATE", "o", number);
                publish(one, "STATE", "p" + number, 0);
            }
            erp.answering(200);
            hanging.complete(200);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(erp.numbers("o")).containsExactly(0, 5));
            await().atMost(PATIENCE).until(() -> erp.count() == 7);
            assertThat(sum("sluice_events_superseded_total{target=\"state\"}")).isEqualTo(4);
        }
    }

    /** How often it was counted how much there is: that is a call for each partition. */
    private double counts() {
        return sum("sluice_redis_seconds_count{script=\"stock\"}") / PARTITIONS;
    }

    private double full(String target) {
        return sum("sluice_backlog_full_total{target=\"" + target + "\"}");
    }

    private double sum(String metric) {
        return one.metric(metric) + two.metric(metric);
    }

    private static void publish(Gateway gateway, String type, String order, int number) {
        new ApiClient(gateway, PUBLISHER).publish(type, order, number);
    }

    private static Gateway gateway(String name) {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.lanes.partitions", Integer.toString(PARTITIONS));
        settings.put("sluice.policies.default.retry.max-delay", "1s");
        PORTS.forEach((target, port) ->
                settings.put("sluice.targets." + target + ".url", "http://127.0.0.1:" + port + "/hook"));
        settings.put("sluice.targets.erp.events", "FULL");
        settings.put("sluice.targets.erp.backlog.max", Integer.toString(MAX));
        settings.put("sluice.targets.erp.dead-letters.max", Integer.toString(KEPT));
        settings.put("sluice.targets.flooded.events", "FLOOD");
        settings.put("sluice.targets.flooded.backlog.max", Integer.toString(MAX));
        settings.put("sluice.targets.flooded-too.events", "FLOOD,ASIDE");
        settings.put("sluice.targets.flooded-too.backlog.max", Integer.toString(MAX));
        settings.put("sluice.targets.buried.events", "BURIED");
        settings.put("sluice.targets.buried.final", "400");
        settings.put("sluice.targets.bulky.events", "BULKY");
        settings.put("sluice.targets.bulky.final", "500");
        settings.put("sluice.targets.bulky.dead-letters.max.bytes", "200K");
        settings.put("sluice.targets.pausing.events", "PAUSED");
        settings.put("sluice.targets.pausing.backlog.max", Integer.toString(MAX));
        settings.put("sluice.targets.pausing.backlog.full", "disable");
        settings.put("sluice.targets.state.events", "STATE");
        settings.put("sluice.targets.state.backlog", "latest");
        settings.put("sluice.targets.crm.events", "FULL");
        settings.put("sluice.policies.bounded.retry.initial", "100ms");
        settings.put("sluice.policies.bounded.retry.max-delay", "400ms");
        settings.put("sluice.policies.bounded.circuit.window", "10000");
        settings.put("sluice.policies.bounded.backlog.max", Integer.toString(MAX));
        settings.put("sluice.policies.bounded.backlog.full", "disable");
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), settings);
    }
}
