package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Lanes that are stuck, and an operator who finds them and steps in, whatever the gateways are at. */
class LaneOperationsIT {
    private static final Duration A_WHILE = Duration.ofSeconds(2);

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget erp = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final Map<String, String> settings = Shop.settings(Map.of("erp", erp), "1h");

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private EmbeddedRedis redis;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "");
        settings.put("sluice.policies.default.retry.initial", "1h");
        settings.put("sluice.lanes.lease", "2s");
        settings.put("sluice.redis.timeout", "500ms");
        settings.put("sluice.sources.shop.history", "1h");
        settings.put("sluice.api.keys.night-shift.sha256", ApiClient.sha256(OPERATOR));
        settings.put("sluice.api.keys.night-shift.roles", "operate");
    }

    @AfterEach
    void stop() {
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aLaneThatIsStuckIsFoundAndSetGoingInOrder() throws Exception {
        erp.answering(message -> message.entity().equals("order-1") ? 500 : 200);
        try (Gateway gateway = gateway("one")) {
            send(gateway, 9, 3);
            await().atMost(PATIENCE).until(() -> erp.delivered() == 6);
            JsonNode lane =
                    await().atMost(PATIENCE).until(() -> only(gateway, "waiting"), found -> !found.isMissingNode());
            assertThat(lane.path("target").asText()).isEqualTo("erp");
            assertThat(lane.path("orderingKey").asText()).isEqualTo("k:order-1");
            assertThat(lane.path("lastError").asText()).contains("500");
            assertThat(lane.path("queued").asInt()).isEqualTo(3);
            assertThat(lane.path("retryInMillis").asLong()).isGreaterThan(60_000);
            String path = "/ops/lanes/" + lane.path("id").asText();

            // Nothing is mended yet.
            assertOutcome(api(gateway).post(path + "/retry", ""), "done");
            await().atMost(PATIENCE)
                    .until(() -> api(gateway).get(path).json().path("attempts").asInt() == 2);
            erp.answering(200);
            assertOutcome(api(gateway).post(path + "/retry", ""), "done");
            await().atMost(PATIENCE).until(() -> erp.delivered() == 9);
            await().atMost(PATIENCE).until(() -> api(gateway).get(path).status() == 404);
            assertThat(numbers("order-1")).containsExactly(0, 0, 0, 1, 2);
            assertThat(gateway.logged())
                    .contains("\"loggerName\":\"dev.sluice.audit\"")
                    .contains("\"message\":\"lane retried\"")
                    .contains("\"key\":\"night-shift\"");
        }
    }

    @Test
    void aHeadIsSetAsideAndTheRestGoesOn() throws Exception {
        erp.answering(message -> message.number() == 0 ? 400 : 200);
        try (Gateway gateway = gateway("one")) {
            send(gateway, 3, 1);
            JsonNode lane =
                    await().atMost(PATIENCE).until(() -> only(gateway, "waiting"), found -> !found.isMissingNode());
            String path = "/ops/lanes/" + lane.path("id").asText();
            String skip = "{\"event\":" + lane.path("head") + "}";
            assertOutcome(api(gateway).post(path + "/skip", skip), "done");
            await().atMost(PATIENCE).until(() -> erp.delivered() == 2);
            assertThat(numbers("order-0")).containsExactly(0, 1, 2);
            assertThat(api(gateway)
                            .get("/events/" + lane.path("head").asText())
                            .json()
                            .at("/targets/0/state")
                            .asText())
                    .isEqualTo("dead");
            // Said again by somebody whose answer was lost.
            assertOutcome(api(gateway).post(path + "/skip", skip), "done");
        }
    }

    /** Neither of them is lost with the gateway that was to do it. */
    @Test
    void whatIsWishedWhileAGatewayIsAtItIsDoneAlsoWhenItDies() throws Exception {
        settings.put("sluice.policies.default.timeout", "2m");
        erp.answering(RecordingTarget.HANG);
        try (Gateway dying = gateway("dying")) {
            List<Sent> sent = send(dying, 6, 2);
            await().atMost(PATIENCE).until(() -> erp.requests() == 2);
            JsonNode lanes = lanes(dying, "leased");
            assertThat(lanes).hasSize(2);
            String parked = "/ops/lanes/" + lanes.get(0).path("id").asText();
            String skipped = "/ops/lanes/" + lanes.get(1).path("id").asText();
            assertOutcome(api(dying).post(parked + "/park", ""), "pending");
            assertOutcome(
                    api(dying)
                            .post(
                                    skipped + "/skip",
                                    "{\"event\":" + lanes.get(1).path("head") + "}"),
                    "pending");
            assertThat(api(dying).get(parked).json().at("/pending/0").asText()).isEqualTo("park");
            dying.kill();
            erp.answering(200);
            try (Gateway other = gateway("other")) {
                await().atMost(PATIENCE)
                        .until(() -> api(other)
                                .get(parked)
                                .json()
                                .path("state")
                                .asText()
                                .equals("parked"));
                await().atMost(PATIENCE).until(() -> api(other).get(skipped).status() == 404);
                await().pollDelay(A_WHILE).atMost(PATIENCE).until(() -> erp.delivered() == 2);
                assertThat(api(other).post(parked + "/retry", "").status()).isEqualTo(409);
                assertOutcome(api(other).post(parked + "/resume", ""), "done");
                await().atMost(PATIENCE).until(() -> erp.delivered() == 5);
            }
            String setAside = key(lanes.get(1));
            assertThat(numbers(setAside)).containsExactly(0, 1, 2);
            assertThat(numbers(key(lanes.get(0)))).containsExactly(0, 0, 1, 2);
            ArrivalCheck check = new ArrivalCheck(sent, erp.arrivalsSoFar());
            // What comes behind a skipped one has no predecessor's 2xx to wait for.
            assertThat(check.hits()).extracting(Hit::rule).containsOnly("before its predecessor's 2xx");
            assertThat(check.violations()).singleElement().asString().contains("lost: Message[entity=" + setAside);
        }
    }

    private static List<Sent> send(Gateway gateway, int events, int entities) throws Exception {
        return new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send("order", events, entities, 1, 1);
    }

    /** In what order they came, again and again where they did. */
    private List<Integer> numbers(String entity) {
        return erp.arrivals().stream()
                .map(Arrival::message)
                .filter(message -> message.entity().equals(entity))
                .map(Message::number)
                .toList();
    }

    private static String key(JsonNode lane) {
        return lane.path("orderingKey").asText().substring("k:".length());
    }

    private static JsonNode only(Gateway gateway, String state) {
        return lanes(gateway, state).path(0);
    }

    private static JsonNode lanes(Gateway gateway, String state) {
        return api(gateway).get("/ops/lanes?target=erp&state=" + state).json().path("lanes");
    }

    private static void assertOutcome(Answer answer, String outcome) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("outcome")).isEqualTo(outcome);
    }

    private static ApiClient api(Gateway gateway) {
        return new ApiClient(gateway, OPERATOR);
    }

    private Gateway gateway(String name) {
        return new Gateway(directory.resolve(name), redis.uri(), Shop.named(name, settings));
    }
}
