package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.Endpoint.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Targets from configuration that an operator pauses and resumes. */
@ExtendWith(SharedGatewaysExtension.class)
class PauseIT {
    /** How a target is described for which nothing waits. */
    private static final String NOTHING = "\"backlog\":{\"events\":0,\"bytes\":0},"
            + "\"lanes\":{\"ready\":0,\"leased\":0,\"waiting\":0,\"parked\":0},\"deadLetters\":{\"events\":0}}";

    private static final int ORDERS = 20;

    /** Several sweeps of all partitions, and several retries of a failed attempt. */
    private static final Duration QUIET = Duration.ofSeconds(2);

    private final SharedGateways gateways;
    private final Gateway one;
    private final Gateway two;

    PauseIT(SharedGateways gateways) {
        this.gateways = gateways;
        one = gateways.one();
        two = gateways.two();
    }

    @Test
    void eventsOfAPausedTargetWaitAtEveryGatewayAndArriveInOrderWhenItIsResumed() throws Exception {
        try (Endpoint waiting = gateways.endpoint("waiting");
                Endpoint goingOn = gateways.endpoint("going-on")) {
            send(one, "paused", 0);
            await().atMost(PATIENCE).until(() -> waiting.count() == ORDERS);
            pause(one, "waiting");
            await().atMost(PATIENCE).until(() -> isPaused(one, "waiting") && isPaused(two, "waiting"));
            assertThat(gateways.metric("sluice_delivery_room{target=\"waiting\"}"))
                    .isZero();
            send(two, "paused", 1);
            send(one, "paused", 2);
            await().atMost(PATIENCE).until(() -> goingOn.count() == 3 * ORDERS);

            // A gateway that starts later knows of the pause as well, and none of them claims lanes that may not be
            // sent.
            try (Gateway three = gateways.another("three")) {
                await().atMost(PATIENCE).until(() -> isPaused(three, "waiting"));
                send(three, "paused", 3);
                await().atMost(PATIENCE).until(() -> goingOn.count() == 4 * ORDERS);
                AtomicReference<Double> claims = new AtomicReference<>(claims(three));
                await().atMost(PATIENCE)
                        .pollInterval(QUIET)
                        .until(() -> claims.getAndSet(claims(three)) == claims(three));
                assertThat(waiting.count()).isEqualTo(ORDERS);

                assertThat(operator(three)
                                .post("/ops/targets/waiting/resume", "")
                                .body())
                        .startsWith("{\"name\":\"waiting\",\"paused\":false,\"circuit\":\"closed\",");
                await().atMost(PATIENCE).until(() -> waiting.count() == 4 * ORDERS);
            }
            assertThat(IntStream.range(0, ORDERS))
                    .allSatisfy(
                            order -> assertThat(waiting.numbers("o-" + order)).containsExactly(0, 1, 2, 3));
            assertThat(waiting.received())
                    .extracting(request -> request.header("Webhook-Attempt"))
                    .containsOnly("1");
        }
    }

    @Test
    void everyGatewayDeliversAgainWhenOneGatewayResumesTheTarget() throws Exception {
        try (Endpoint resumed = gateways.endpoint("resumed")) {
            pause(one, "resumed");
            await().atMost(PATIENCE).until(() -> isPaused(two, "resumed"));
            send(one, "resumed", 0);
            for (Gateway gateway : List.of(one, two)) {
                assertThat(described(gateway, "resumed").path("pausedBecause").asText())
                        .isEqualTo("paused by operator");
            }
            operator(two).post("/ops/targets/resumed/resume", "");
            await().atMost(PATIENCE).until(() -> !isPaused(one, "resumed") && !isPaused(two, "resumed"));
            await().atMost(PATIENCE).until(() -> resumed.count() == ORDERS);
            // The pause leaves nothing behind at either gateway: each delivers the events that it accepts.
            String delivered = "sluice_deliveries_total{outcome=\"delivered\",target=\"resumed\"}";
            int number = 1;
            for (Gateway gateway : List.of(one, two)) {
                double before = gateway.metric(delivered);
                send(gateway, "resumed", number);
                number++;
                int expected = number * ORDERS;
                await().atMost(PATIENCE).until(() -> resumed.count() == expected);
                await().atMost(PATIENCE).until(() -> gateway.metric(delivered) > before);
            }
        }
    }

    @Test
    void failedEventIsNotRetriedWhileItsTargetIsPaused() throws Exception {
        try (Endpoint retried = gateways.endpoint("retried").answering(500)) {
            Shop.post(one, "retried", new Message("o", 0));
            await().atMost(PATIENCE).until(() -> retried.count() > 1);
            pause(two, "retried");
            await().atMost(PATIENCE).until(() -> isPaused(one, "retried") && isPaused(two, "retried"));
            int attempts = retried.count();
            one.awaitHeartbeats(3);
            two.awaitHeartbeats(3);
            // An attempt that had begun before the pause may still arrive.
            assertThat(retried.count()).isBetween(attempts, attempts + 1);
            retried.answering(200);
            operator(two).post("/ops/targets/retried/resume", "");
            await().atMost(PATIENCE)
                    .until(() ->
                            gateways.metric("sluice_deliveries_total{outcome=\"delivered\",target=\"retried\"}") == 1);
            List<Received> received = retried.received();
            assertThat(received.get(received.size() - 1).header("Webhook-Attempt"))
                    .isEqualTo(Integer.toString(received.size()));
        }
    }

    @Test
    void onlyTargetsFromConfigurationArePaused() {
        String paused = "{\"name\":\"only-paused\",\"paused\":true,\"pausedBecause\":\"paused by operator\","
                + "\"circuit\":\"closed\"," + NOTHING;
        assertThat(pause(one, "only-paused").body()).isEqualTo(paused);
        assertThat(pause(two, "only-paused").body()).isEqualTo(paused);
        for (Gateway gateway : List.of(one, two)) {
            assertThat(operator(gateway).get("/ops/targets/only-paused").body()).isEqualTo(paused);
            assertThat(described(gateway, "only-paused")).hasToString(paused);
            assertThat(described(gateway, "healthy").path("paused").asBoolean(true))
                    .isFalse();
            assertThat(operator(gateway).get("/ops/targets").json().at("/webhooks/paused"))
                    .hasToString("false");
        }
        for (String name : List.of("nobody", "webhooks", "wh_AAECAwQFBgcICQoLDA0O")) {
            operator(one).post("/ops/targets/" + name + "/pause", "").assertProblem("urn:sluice:unknown-target");
            operator(one).post("/ops/targets/" + name + "/resume", "").assertProblem("urn:sluice:unknown-target");
        }
        assertThat(gateways.logged("only-paused"))
                .anySatisfy(line -> assertThat(line).contains("\"message\":\"target paused\"", "\"key\":\"operator\""));
        operator(one).post("/ops/targets/only-paused/resume", "");
    }

    private static Answer pause(Gateway gateway, String target) {
        Answer answer = operator(gateway).post("/ops/targets/" + target + "/pause", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static JsonNode described(Gateway gateway, String target) {
        return StreamSupport.stream(
                        operator(gateway)
                                .get("/ops/targets")
                                .json()
                                .path("targets")
                                .spliterator(),
                        false)
                .filter(each -> each.path("name").asText().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private static ApiClient operator(Gateway gateway) {
        return new ApiClient(gateway, OPERATOR);
    }

    private static boolean isPaused(Gateway gateway, String target) {
        return gateway.metric("sluice_target_paused{target=\"" + target + "\"}") == 1;
    }

    private static double claims(Gateway gateway) {
        return gateway.metric("sluice_redis_seconds_count{script=\"claim\"}");
    }

    private static void send(Gateway gateway, String source, int number) throws IOException, InterruptedException {
        for (int order = 0; order < ORDERS; order++) {
            Shop.post(gateway, source, new Message("o-" + order, number));
        }
    }
}
