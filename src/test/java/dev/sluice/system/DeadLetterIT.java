package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.INSPECTOR;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.system.ApiClient.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dead letters, and an operator who reads, redrives and deletes them. */
@ExtendWith(SharedGatewaysExtension.class)
class DeadLetterIT {
    private final SharedGateways gateways;
    private final Gateway gateway;
    private final ApiClient operator;

    DeadLetterIT(SharedGateways gateways) {
        this.gateways = gateways;
        gateway = gateways.one();
        operator = new ApiClient(gateway, OPERATOR);
    }

    @Test
    void redriveMovesEachDeadLetterOnceWhenTheTargetRefusesItAgain() throws Exception {
        try (RecordingTarget refusing = gateways.target("refusing").answering(422)) {
            gateways.sender("refusing").send("order", 6, 3, 1, 1);
            await().atMost(PATIENCE).until(() -> deadLetters("refusing").size() == 6);
            List<String> ids = deadLetters("refusing").findValuesAsText("id");
            for (String which : List.of("\"target\":\"refusing\"", "\"ids\":[\"" + String.join("\",\"", ids) + "\"]")) {
                int requests = refusing.requests();
                JsonNode job = operator.finished("/ops/dead-letters/redrive", "{\"rate\":3," + which + "}");
                assertThat(job.path("moved").asInt()).isEqualTo(6);
                await().atMost(PATIENCE).until(() -> deadLetters("refusing").size() == 6);
                assertThat(refusing.requests()).isEqualTo(requests + 6);
            }
        }
    }

    @Test
    void redriveMovesNoMoreWhenItsJobIsCancelled() throws Exception {
        try (RecordingTarget cancelled = gateways.target("cancelled").answering(422)) {
            gateways.sender("cancelled").send("order", 12, 12, 1, 1);
            await().atMost(PATIENCE).until(() -> deadLetters("cancelled").size() == 12);
            cancelled.answering(200);
            String job = operator.begun("/ops/dead-letters/redrive", "{\"target\":\"cancelled\",\"rate\":1}")
                    .path("id")
                    .asText();
            await().atMost(PATIENCE)
                    .until(() -> operator.get("/ops/jobs/" + job)
                                    .json()
                                    .path("moved")
                                    .asInt()
                            >= 2);
            assertThat(operator.post("/ops/jobs/" + job + "/cancel", "").text("state"))
                    .isEqualTo("cancelled");
            // The step that was running may still move a dead letter.
            gateway.awaitHeartbeats(1);
            long delivered = cancelled.delivered();
            gateway.awaitHeartbeats(3);
            assertThat(cancelled.delivered()).isEqualTo(delivered).isBetween(2L, 11L);
            assertThat(deadLetters("cancelled")).hasSize(12 - (int) delivered);
            assertThat(operator.post("/ops/jobs/" + job + "/cancel", "").text("state"))
                    .isEqualTo("cancelled");
            operator.get("/ops/jobs/all").assertProblem("urn:sluice:unknown-job");
            assertThat(operator.get("/ops/jobs/" + job).text("state")).isEqualTo("cancelled");
        }
    }

    @Test
    void bodyIsReadByAnInspectorAloneAndIsGoneWhenItsDeadLetterIsDeleted() throws Exception {
        try (RecordingTarget inspected = gateways.target("inspected").answering(422)) {
            gateways.sender("inspected").send("order", 1, 1, 1, 1);
            JsonNode letter = await().atMost(PATIENCE)
                    .until(() -> deadLetters("inspected").path(0), found -> !found.isMissingNode());
            String path = "/ops/dead-letters/" + letter.path("id").asText();
            assertThat(operator.get(path + "/body").status()).isEqualTo(403);
            Answer body = operator.with(INSPECTOR).get(path + "/body");
            assertThat(body.status()).isEqualTo(200);
            assertThat(body.body()).isEqualTo(new String(new Message("order-0", 0).body(), StandardCharsets.UTF_8));
            assertThat(body.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(operator.with(INSPECTOR).get(path).status()).isEqualTo(403);
            JsonNode whole = operator.get(path).json();
            assertThat(whole.at("/history/0/status").asInt()).isEqualTo(422);
            assertThat(whole.path("reason").asText()).contains("422");
            assertThat(whole.path("type").asText()).isEqualTo("ORDER_STATUS_UPDATED");
            assertThat(audited("body looked at", letter))
                    .singleElement()
                    .asString()
                    .contains("\"key\":\"inspector\"");

            operator.delete(path);
            operator.delete(path);
            assertThat(operator.get(path).status()).isEqualTo(404);
            assertThat(operator.get("/events/" + letter.path("event").asText())
                            .json()
                            .at("/targets")
                            .findValuesAsText("state"))
                    .contains("dropped");
            assertThat(audited("dead letter deleted", letter)).hasSize(1);
        }
    }

    @Test
    void unreadableMessageIsADeadLetterOfItsSource() throws Exception {
        byte[] body = "no JSON".getBytes(StandardCharsets.UTF_8);
        assertThat(Shop.post(gateway, "inspected", body, "Content-Type", "garbage;;;")
                        .body())
                .contains("unreadable");
        JsonNode letters =
                operator.get("/ops/dead-letters?source=inspected").json().path("deadLetters");
        assertThat(letters).hasSize(1);
        assertThat(letters.at("/0/target").isMissingNode()).isTrue();
        String id = letters.at("/0/id").asText();
        Answer read = operator.with(INSPECTOR).get("/ops/dead-letters/" + id + "/body");
        assertThat(read.body()).isEqualTo("no JSON");
        assertThat(read.header("Content-Type")).isEqualTo("application/octet-stream");
        operator.post("/ops/dead-letters/redrive", "{\"ids\":[\"" + id + "\"]}").assertFaults("/ids");
        assertThat(operator.get("/ops/dead-letters?source=inspected").json().path("deadLetters"))
                .hasSize(1);
    }

    private JsonNode deadLetters(String target) {
        return operator.get("/ops/dead-letters?limit=200&target=" + target)
                .json()
                .path("deadLetters");
    }

    /** The lines of the audit log with this message about a dead letter. */
    private List<String> audited(String message, JsonNode letter) {
        return gateway.logged()
                .lines()
                .filter(line -> line.contains("\"message\":\"" + message + "\"")
                        && line.contains(letter.path("event").asText()))
                .toList();
    }
}
