package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Lanes that are stuck, and an operator who finds them and acts, whatever the gateways are doing. */
@ExtendWith(SharedGatewaysExtension.class)
class LaneOperationsIT {
    private static final Path DIRECTORY = Path.of("target", "system", "lane-operations");

    private final SharedGateways gateways;

    LaneOperationsIT(SharedGateways gateways) {
        this.gateways = gateways;
    }

    @Test
    void stuckLaneIsFoundAndContinuesInOrderWhenItIsRetried() throws Exception {
        Gateway gateway = gateways.one();
        try (RecordingTarget erp = gateways.target("stuck")) {
            erp.answering(message -> message.entity().equals("order-1") ? 500 : 200);
            gateways.sender("stuck").send("order", 9, 3, 1, 1);
            await().atMost(PATIENCE).until(() -> erp.delivered() == 6);
            JsonNode lane = await().atMost(PATIENCE)
                    .until(() -> lanes(gateway, "stuck", "waiting").path(0), found -> !found.isMissingNode());
            assertThat(lane.path("target").asText()).isEqualTo("stuck");
            assertThat(lane.path("orderingKey").asText()).isEqualTo("k:order-1");
            assertThat(lane.path("lastError").asText()).contains("500");
            assertThat(lane.path("queued").asInt()).isEqualTo(3);
            assertThat(lane.path("retryInMillis").asLong()).isGreaterThan(60_000);
            String path = "/ops/lanes/" + lane.path("id").asText();

            // The target still fails.
            assertOutcome(api(gateway).post(path + "/retry", ""), "done");
            await().atMost(PATIENCE)
                    .until(() -> api(gateway).get(path).json().path("attempts").asInt() == 2);
            erp.answering(200);
            assertOutcome(api(gateway).post(path + "/retry", ""), "done");
            await().atMost(PATIENCE).until(() -> erp.delivered() == 9);
            await().atMost(PATIENCE).until(() -> api(gateway).get(path).status() == 404);
            assertThat(numbers(erp, "order-1")).containsExactly(0, 0, 0, 1, 2);
            assertThat(gateways.logged("stuck"))
                    .anySatisfy(line -> assertThat(line)
                            .contains(
                                    "\"loggerName\":\"dev.sluice.audit\"",
                                    "\"message\":\"lane retried\"",
                                    "\"key\":\"operator\""));
        }
    }

    @Test
    void laneContinuesWhenItsHeadIsSkipped() throws Exception {
        Gateway gateway = gateways.one();
        try (RecordingTarget erp = gateways.target("skipped")) {
            erp.answering(message -> message.number() == 0 ? 400 : 200);
            gateways.sender("skipped").send("order", 3, 1, 1, 1);
            JsonNode lane = await().atMost(PATIENCE)
                    .until(() -> lanes(gateway, "skipped", "waiting").path(0), found -> !found.isMissingNode());
            String path = "/ops/lanes/" + lane.path("id").asText();
            String skip = "{\"event\":" + lane.path("head") + "}";
            assertOutcome(api(gateway).post(path + "/skip", skip), "done");
            await().atMost(PATIENCE).until(() -> erp.delivered() == 2);
            assertThat(numbers(erp, "order-0")).containsExactly(0, 1, 2);
            assertThat(api(gateway)
                            .get("/events/" + lane.path("head").asText())
                            .json()
                            .at("/targets/0/state")
                            .asText())
                    .isEqualTo("dead");
            // The same request again, as a client sends it whose answer was lost.
            assertOutcome(api(gateway).post(path + "/skip", skip), "done");
        }
    }

    @Test
    void pendingActionsAreAppliedWhenTheGatewayThatLeasesTheLaneDies() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                RecordingTarget erp =
                        new RecordingTarget(gateways.vertx(), Shop.TARGET_SECRET).answering(RecordingTarget.HANG);
                Gateway dying = gateway("dying", redis, erp)) {
            List<Sent> sent = new Sender(List.of(() -> dying.in("shop")), Shop.SIGNER).send("order", 6, 2, 1, 1);
            await().atMost(PATIENCE).until(() -> erp.requests() == 2);
            JsonNode lanes = lanes(dying, "erp", "leased");
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
            try (Gateway other = gateway("other", redis, erp)) {
                await().atMost(PATIENCE)
                        .until(() -> api(other)
                                .get(parked)
                                .json()
                                .path("state")
                                .asText()
                                .equals("parked"));
                await().atMost(PATIENCE).until(() -> api(other).get(skipped).status() == 404);
                await().atMost(PATIENCE).until(() -> erp.delivered() == 2);
                // The parked lane stays where it is.
                int requests = erp.requests();
                other.awaitHeartbeats(3);
                assertThat(erp.requests()).isEqualTo(requests);
                assertThat(api(other).post(parked + "/retry", "").status()).isEqualTo(409);
                assertOutcome(api(other).post(parked + "/resume", ""), "done");
                await().atMost(PATIENCE).until(() -> erp.delivered() == 5);
            }
            String setAside = key(lanes.get(1));
            assertThat(numbers(erp, setAside)).containsExactly(0, 1, 2);
            assertThat(numbers(erp, key(lanes.get(0)))).containsExactly(0, 0, 1, 2);
            ArrivalCheck check = new ArrivalCheck(sent, erp.arrivalsSoFar());
            // The event behind the skipped one has no predecessor's 2xx to wait for.
            assertThat(check.hits()).extracting(Hit::rule).containsOnly("before its predecessor's 2xx");
            assertThat(check.violations()).singleElement().asString().contains("lost: Message[entity=" + setAside);
        }
    }

    /** The numbers of an entity's events in the order of their arrival. */
    private static List<Integer> numbers(RecordingTarget erp, String entity) {
        return erp.arrivals().stream()
                .map(Arrival::message)
                .filter(message -> message.entity().equals(entity))
                .map(Message::number)
                .toList();
    }

    private static String key(JsonNode lane) {
        return lane.path("orderingKey").asText().substring("k:".length());
    }

    private static JsonNode lanes(Gateway gateway, String target, String state) {
        return api(gateway)
                .get("/ops/lanes?target=" + target + "&state=" + state)
                .json()
                .path("lanes");
    }

    private static void assertOutcome(Answer answer, String outcome) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("outcome")).isEqualTo(outcome);
    }

    private static ApiClient api(Gateway gateway) {
        return new ApiClient(gateway, OPERATOR);
    }

    private static Gateway gateway(String name, EmbeddedRedis redis, RecordingTarget erp) {
        Map<String, String> settings = Shop.settings(Map.of("erp", erp), "1h");
        settings.put("sluice.policies.default.retry.initial", "1h");
        settings.put("sluice.policies.default.timeout", "2m");
        settings.put("sluice.lanes.lease", "2s");
        settings.put("sluice.redis.timeout", "500ms");
        WebhookConfiguration.admit(settings, "operator", "operate", OPERATOR);
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), settings);
    }
}
