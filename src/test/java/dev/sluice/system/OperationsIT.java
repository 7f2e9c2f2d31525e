package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.INSPECTOR;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A night of an operator: three targets, of which one fails. What is stuck is found, why is read, and it is set right without losing the
 * order, whatever becomes of the gateways meanwhile.
 */
class OperationsIT {
    private static final String EVER = "2000-01-01T00:00:00Z";

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget erp = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final RecordingTarget crm = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final RecordingTarget wms = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final Map<String, String> settings = Shop.settings(Map.of("erp", erp, "crm", crm, "wms", wms), "1h");

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private EmbeddedRedis redis;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "");
        settings.put("sluice.policies.default.retry.initial", "1h");
        settings.put("sluice.policies.default.final", "422");
        settings.put("sluice.policies.default.circuit.window", "10000");
        settings.put("sluice.lanes.lease", "2s");
        settings.put("sluice.lanes.partitions", "8");
        settings.put("sluice.redis.timeout", "500ms");
        settings.put("sluice.sources.shop.history", "1h");
        settings.put("sluice.sources.shop.retention", "1h");
        WebhookConfiguration.admit(settings, "night-shift", "operate", OPERATOR);
        WebhookConfiguration.admit(settings, "auditor", "inspect", INSPECTOR);
    }

    @AfterEach
    void stop() {
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** The first events of an order it refuses, then it fails: they are dead letters, and what comes after them piles up. */
    @Test
    void whatIsStuckIsFoundAndSetRightInOrder() throws Exception {
        failing();
        try (Gateway one = gateway("one");
                Gateway two = gateway("two")) {
            List<Sent> sent = send(30, 3, one, two);
            await().atMost(PATIENCE).until(() -> erp.delivered() == 30 && crm.delivered() == 30);
            setRight(() -> two, () -> one);
            assertSetRight(sent);
            assertThat(two.logged() + one.logged())
                    .contains("\"message\":\"lane parked\"")
                    .contains("\"message\":\"job begun\"")
                    .contains("\"message\":\"job over\"");
        }
    }

    /** Each step at another gateway than the one that was there before. */
    @Test
    void whatIsStuckIsSetRightAlsoWhileGatewaysAreKilled() throws Exception {
        failing();
        try (Gateway one = gateway("one");
                Gateway two = gateway("two")) {
            List<Sent> sent = send(30, 3, one, two);
            await().atMost(PATIENCE).until(() -> erp.delivered() == 30 && crm.delivered() == 30);
            setRight(
                    () -> {
                        two.kill();
                        two.start();
                        return one;
                    },
                    () -> {
                        one.kill();
                        one.start();
                        return two;
                    });
            assertSetRight(sent);
        }
    }

    @Test
    void aJobGoesOnWhicheverGatewayDies() throws Exception {
        wms.answering(422);
        try (Gateway one = gateway("one");
                Gateway two = gateway("two")) {
            List<Sent> sent = send(24, 12, one, two);
            await().atMost(PATIENCE)
                    .until(() -> wms.requests() >= 24 && deadLetters(one, "wms").size() == 24);
            wms.answering(200);
            String job = api(one).begun("/ops/dead-letters/redrive", "{\"target\":\"wms\",\"rate\":2}")
                    .path("id")
                    .asText();
            // The same again is the same one.
            assertThat(api(two).begun("/ops/dead-letters/redrive", "{\"target\":\"wms\",\"rate\":2}")
                            .path("id")
                            .asText())
                    .isEqualTo(job);
            moved(two, job, 2);
            one.kill();
            moved(two, job, 8);
            one.start();
            moved(one, job, 14);
            two.kill();
            JsonNode over = api(one).over(job);
            assertThat(over.path("state").asText()).isEqualTo("done");
            assertThat(over.path("moved").asInt()).isEqualTo(24);
            assertThat(over.path("percent").asInt()).isEqualTo(100);
            await().atMost(PATIENCE).until(() -> wms.delivered() == 24);
            ArrivalCheck check = new ArrivalCheck(sent, taken(wms));
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
        }
    }

    @Test
    void aFullRedisLetsDeadLettersGoBackAndBeGivenUp() throws Exception {
        wms.answering(422);
        try (Gateway one = gateway("one");
                RedisLook look = new RedisLook(vertx, redis.uri())) {
            send(6, 6, one);
            await().atMost(PATIENCE).until(() -> deadLetters(one, "wms").size() == 6);
            wms.answering(200);
            look.run(Command.CONFIG, "SET", "maxmemory", "1");
            api(one).delete("/ops/dead-letters/"
                    + deadLetters(one, "wms").at("/0/id").asText());
            assertThat(api(one).finished("/ops/dead-letters/redrive", "{\"target\":\"wms\"}")
                            .path("moved")
                            .asInt())
                    .isEqualTo(5);
            await().atMost(PATIENCE).until(() -> wms.delivered() == 5);
        }
    }

    @Test
    void noMoreJobsAreBegunThanCanBeDoneSideBySide() throws Exception {
        try (Gateway one = gateway("one")) {
            send(12, 12, one);
            await().atMost(PATIENCE).until(() -> all(12));
            List<String> jobs = IntStream.range(0, 16)
                    .mapToObj(i -> api(one).begun("/ops/targets/erp/replay", slowly(i))
                            .path("id")
                            .asText())
                    .toList();
            assertThat(jobs).doesNotHaveDuplicates();
            api(one).post("/ops/targets/erp/replay", slowly(16)).assertProblem("urn:sluice:too-many-jobs");
            jobs.forEach(job -> api(one).post("/ops/jobs/" + job + "/cancel", ""));
            api(one).begun("/ops/targets/erp/replay", slowly(16));
        }
    }

    @Test
    void whereNothingIsKeptNothingIsSentOnceMore() {
        settings.remove("sluice.sources.shop.retention");
        try (Gateway one = gateway("one")) {
            Answer answer = api(one).post("/ops/targets/erp/replay", slowly(0));
            assertThat(answer.status()).isEqualTo(409);
            answer.assertProblem("urn:sluice:nothing-retained");
        }
    }

    @Test
    void anEventIsFoundByWhatIsKnownOfIt() throws Exception {
        try (Gateway one = gateway("one")) {
            send(12, 4, one);
            JsonNode found = api(one).get("/events?source=shop&orderingKey=k:order-2&type=ORDER_STATUS_UPDATED&limit=2")
                    .json();
            assertThat(found.path("events")).hasSize(2);
            JsonNode rest = api(one).get("/events?source=shop&orderingKey=k:order-2&after="
                            + found.path("next").asText())
                    .json();
            assertThat(rest.path("events")).hasSize(1);
            assertThat(api(one).get("/events/" + rest.at("/events/0/id").asText())
                            .json()
                            .path("targets"))
                    .hasSize(3);
            assertThat(api(one).get("/events?since=2100-01-01T00:00:00Z").json().path("events"))
                    .isEmpty();
            assertThat(api(one).get("/events?limit=200").json().path("events")).hasSize(12);
        }
    }

    private static String slowly(int hours) {
        return "{\"since\":\"" + EVER + "\",\"rate\":1,\"until\":\"2100-01-01T%02d:00:00Z\"}".formatted(hours);
    }

    private void failing() {
        wms.answering(message -> !message.entity().equals("order-0") ? 200 : message.number() < 3 ? 422 : 500);
    }

    /** What an operator does, each half of it at a gateway of its own. */
    private void setRight(Supplier<Gateway> first, Supplier<Gateway> second) {
        Gateway here = first.get();
        JsonNode target = await().atMost(PATIENCE)
                .until(
                        () -> target(here, "wms"),
                        seen -> seen.at("/lanes/waiting").asInt() == 1
                                && seen.at("/backlog/events").asInt() == 7);
        assertThat(target.at("/deadLetters/events").asInt()).isEqualTo(3);
        assertThat(target.at("/circuit").asText()).isEqualTo("closed");
        JsonNode lane =
                api(here).get("/ops/lanes?target=wms&state=waiting").json().at("/lanes/0");
        assertThat(lane.path("orderingKey").asText()).isEqualTo("k:order-0");
        assertThat(lane.path("lastError").asText()).contains("500");
        assertThat(api(here)
                        .get("/events/" + lane.path("head").asText())
                        .json()
                        .at("/targets")
                        .findValuesAsText("error"))
                .anyMatch(error -> error.contains("500"));
        String path = "/ops/lanes/" + lane.path("id").asText();
        assertThat(api(here).post(path + "/park", "").text("outcome")).isEqualTo("done");

        wms.answering(200);
        Gateway there = second.get();
        assertThat(deadLetters(there, "wms")).hasSize(3);
        JsonNode job = api(there)
                .finished(
                        "/ops/dead-letters/redrive",
                        "{\"target\":\"wms\",\"since\":\"" + EVER + "\",\"to\":\"front\"}");
        assertThat(job.path("moved").asInt()).isEqualTo(3);
        JsonNode parked = api(there).get(path).json();
        assertThat(parked.path("state").asText()).isEqualTo("parked");
        assertThat(parked.path("queued").asInt()).isEqualTo(10);
        assertThat(api(there).post(path + "/resume", "").text("outcome")).isEqualTo("done");
        await().atMost(PATIENCE).until(() -> api(there).get(path).status() == 404);
    }

    private boolean all(int events) {
        return Stream.of(erp, crm, wms).allMatch(target -> target.delivered() == events);
    }

    /** All that the target took, in order. */
    private void assertSetRight(List<Sent> sent) {
        await().atMost(PATIENCE).until(() -> wms.delivered() == 30);
        ArrivalCheck check = new ArrivalCheck(sent, taken(wms));
        assertThat(check.violations()).isEmpty();
        assertThat(check.hits()).isEmpty();
        assertThat(taken(wms).stream()
                        .filter(arrival -> arrival.message().entity().equals("order-0"))
                        .map(arrival -> arrival.message().number())
                        .distinct())
                .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
        for (RecordingTarget other : List.of(erp, crm)) {
            assertThat(new ArrivalCheck(sent, other.arrivals()).violations()).isEmpty();
        }
    }

    /** What a target refused it will see again. */
    private static List<Arrival> taken(RecordingTarget target) {
        return target.arrivals().stream()
                .filter(arrival -> arrival.status() == 200)
                .toList();
    }

    private static void moved(Gateway gateway, String job, int least) {
        await().atMost(PATIENCE)
                .until(() -> api(gateway)
                                .get("/ops/jobs/" + job)
                                .json()
                                .path("moved")
                                .asInt()
                        >= least);
    }

    private static JsonNode target(Gateway gateway, String name) {
        return StreamSupport.stream(
                        api(gateway).get("/ops/targets").json().path("targets").spliterator(), false)
                .filter(target -> target.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode deadLetters(Gateway gateway, String target) {
        return api(gateway)
                .get("/ops/dead-letters?limit=200&target=" + target)
                .json()
                .path("deadLetters");
    }

    private static List<Sent> send(int events, int entities, Gateway... gateways) throws Exception {
        return new Sender(
                        Arrays.stream(gateways)
                                .<Supplier<URI>>map(gateway -> () -> gateway.in("shop"))
                                .toList(),
                        Shop.SIGNER)
                .send("order", events, entities, 1, 1);
    }

    private static ApiClient api(Gateway gateway) {
        return new ApiClient(gateway, OPERATOR);
    }

    private Gateway gateway(String name) {
        return new Gateway(directory.resolve(name), redis.uri(), Shop.named(name, settings));
    }
}
