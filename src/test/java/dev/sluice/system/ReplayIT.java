package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Delivered events that are retained and sent once more. */
@ExtendWith(SharedGatewaysExtension.class)
class ReplayIT {
    private final SharedGateways gateways;

    ReplayIT(SharedGateways gateways) {
        this.gateways = gateways;
    }

    @Test
    void targetReceivesItsEventsSinceATimeOnceMoreInOrderWhenTheyAreReplayed() throws Exception {
        ApiClient operator = new ApiClient(gateways.two(), OPERATOR);
        double retained = gateways.metric("sluice_retained_events");
        try (RecordingTarget replayed = gateways.target("replayed");
                RecordingTarget other = gateways.target("not-replayed")) {
            gateways.sender("replayed").send("order", 12, 3, 1, 1);
            await().atMost(PATIENCE).until(() -> replayed.delivered() == 12 && other.delivered() == 12);
            Instant lost = StreamSupport.stream(
                            operator.get("/events?source=replayed")
                                    .json()
                                    .path("events")
                                    .spliterator(),
                            false)
                    .map(event -> Instant.parse(event.path("acceptedAt").asText()))
                    .max(Comparator.naturalOrder())
                    .orElseThrow()
                    .plusMillis(1);
            await().until(() -> Instant.now().isAfter(lost));
            List<Sent> sent = gateways.sender("replayed").send("lost", 12, 3, 1, 1);
            await().atMost(PATIENCE).until(() -> replayed.delivered() == 24 && other.delivered() == 24);
            int requests = replayed.requests();
            JsonNode job = operator.finished("/ops/targets/replayed/replay", "{\"since\":\"" + lost + "\"}");
            assertThat(job.path("moved").asInt()).isEqualTo(12);
            await().atMost(PATIENCE).until(() -> replayed.requests() == requests + 12);
            await().atMost(PATIENCE).until(() -> replayed.arrivals().size() == requests + 12);
            List<Arrival> again = replayed.arrivals().subList(requests, requests + 12);
            ArrivalCheck check = new ArrivalCheck(sent, again);
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(again).extracting(arrival -> arrival.message().entity()).allMatch(key -> key.startsWith("lost"));
            assertThat(other.requests()).isEqualTo(24);
            await().atMost(PATIENCE).until(() -> gateways.metric("sluice_retained_events") == retained + 24);
        }
    }
}
