package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How targets are called, as their policies have it. */
@ExtendWith(SharedGatewaysExtension.class)
class PolicyIT {
    private final SharedGateways gateways;
    private final Vertx vertx;
    private final ApiClient manager;
    private final ApiClient publisher;

    PolicyIT(SharedGateways gateways) {
        this.gateways = gateways;
        vertx = gateways.vertx();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
    }

    @Test
    void anAnswerThatIsFinalSetsTheEventAsideAtOnceAndTheLaneGoesOn() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            endpoint.answering(request -> List.of(400, 500, 404, 200).get(request.number()));
            manager.registerWith(endpoint.url(), ",\"policy\":\"strict\"", "FINAL");
            for (int number = 0; number < 4; number++) {
                publisher.publish("FINAL", "o", number);
            }
            // Nothing is retried but what is not final.
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 4);
            assertThat(endpoint.received().stream().map(Received::number)).startsWith(0, 1, 1, 1);
            endpoint.answering(request -> List.of(400, 200, 404, 200).get(request.number()));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(endpoint.numbers("o")).containsExactly(0, 1, 2, 3));
            assertThat(endpoint.received().stream().map(Received::number)).containsOnlyOnce(0, 2, 3);
        }
    }

    @Test
    void delaysThatAreListedAreKeptOneByOneAndThenRetriesHaveRunOut() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            endpoint.answering(request -> request.number() == 0 ? 500 : 200);
            manager.registerWith(endpoint.url(), ",\"policy\":\"listed\"", "LISTED");
            publisher.publish("LISTED", "o", 0);
            publisher.publish("LISTED", "o", 1);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(endpoint.numbers("o")).containsExactly(0, 1));
            List<Received> tried = endpoint.received();
            assertThat(tried).extracting(Received::number).containsExactly(0, 0, 0, 0, 1);
            List<Integer> delays = List.of(200, 300, 100);
            for (int retry = 0; retry < delays.size(); retry++) {
                assertThat(Duration.ofNanos(
                                tried.get(retry + 1).at() - tried.get(retry).at()))
                        .isGreaterThanOrEqualTo(Duration.ofMillis(delays.get(retry) - 2));
            }
        }
    }

    @Test
    void eventBecomesADeadLetterOrParksItsLaneWhenItsRetryWindowIsOver() throws Exception {
        try (RecordingTarget exhausted = gateways.target("exhausted").answering(500);
                RecordingTarget parking = gateways.target("parking").answering(302)) {
            Shop.post(gateways.one(), "exhausted", new Message("o", 0));
            Shop.post(gateways.two(), "exhausted", new Message("o", 1));
            await().atMost(PATIENCE).until(() -> gateways.metric("sluice_dead_letters{target=\"exhausted\"}") == 2);
            await().atMost(PATIENCE)
                    .until(() -> gateways.metric("sluice_lanes{state=\"parked\",target=\"parking\"}") == 1);
            assertThat(gateways.metric("sluice_backlog_events{target=\"exhausted\"}"))
                    .isZero();
            assertThat(gateways.metric("sluice_backlog_events{target=\"parking\"}"))
                    .isEqualTo(2);
            assertThat(gateways.metric("sluice_lane_head_age_seconds{target=\"parking\"}"))
                    .isPositive();
            // One lane continued, the other one waits for its operator.
            assertThat(exhausted.arrivals())
                    .extracting(arrival -> arrival.message().number())
                    .contains(0, 1);
            assertThat(parking.arrivals())
                    .extracting(arrival -> arrival.message().number())
                    .containsOnly(0);
            assertThat(String.join("\n", gateways.logged("exhausted"))).contains("dead-lettered", "HTTP 500");
            assertThat(String.join("\n", gateways.logged("parking"))).contains("parked", "HTTP 302");
        }
    }
}
