package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The promise, from outside: packaged gateways, a real Redis, real targets, and a sender like the provider's. */
@ExtendWith(SharedGatewaysExtension.class)
class OrderIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Of each of two sources. {@code -Pfull} sends more. */
    private static final int EVENTS = Integer.getInteger("order.events");

    private static final Sender.Signer DEPOT = (request, body) -> request.header(
            "X-Depot-Signature", Base64.getEncoder().encodeToString(RecordingTarget.hmac("depot-secret", body)));

    private final SharedGateways gateways;

    OrderIT(SharedGateways gateways) {
        this.gateways = gateways;
    }

    @Test
    void healthyTargetIsNotDelayedWhenOthersFailAndThoseReceiveEverythingWhenTheyRecover() throws Exception {
        try (RecordingTarget healthy = gateways.target("healthy");
                RecordingTarget failing = gateways.target("failing").answering(500);
                RecordingTarget hanging = gateways.target("hanging").answering(RecordingTarget.HANG)) {
            CompletableFuture<List<Sent>> pallets =
                    gateways.sender("pallets", DEPOT).sendInBackground("pallet", EVENTS, 125, 8, 2);
            List<Sent> sent = new ArrayList<>(gateways.sender("orders").send("order", EVENTS, 125, 8, 1));
            sent.addAll(pallets.get());

            await().atMost(PATIENCE).until(() -> healthy.delivered() == 2 * EVENTS);
            assertThat(failing.delivered() + hanging.delivered()).isZero();
            assertThat(new ArrivalCheck(sent, healthy.arrivalsSoFar()).faults()).isEmpty();

            failing.answering(200);
            hanging.answering(200);
            await().atMost(PATIENCE)
                    .until(() -> failing.delivered() == 2 * EVENTS && hanging.delivered() == 2 * EVENTS);
            assertThat(new ArrivalCheck(sent, failing.arrivalsSoFar()).faults()).isEmpty();
            assertThat(new ArrivalCheck(sent, hanging.arrivalsSoFar()).faults()).isEmpty();
        }
    }

    @Test
    @Tag("jdk")
    void nothingIsLostOrOvertakenWhenATargetFailsAThirdOfTheTime() throws Exception {
        try (RecordingTarget flaky = gateways.target("flaky").failing(1 / 3.0, 7)) {
            List<Sent> sent = gateways.sender("flaky").send("order", 3_000, 200, 16, 3);
            await().atMost(PATIENCE).until(() -> flaky.delivered() == 3_000);
            assertThat(new ArrivalCheck(sent, flaky.arrivalsSoFar()).faults()).isEmpty();
        }
    }

    @Test
    void eachEventIsDeliveredOnceWhenTwoGatewaysShareTheWork() throws Exception {
        String delivered = "sluice_deliveries_total{outcome=\"delivered\",target=\"divided\"}";
        try (RecordingTarget divided = gateways.target("divided").failing(0.2, 13)) {
            List<Sent> sent = gateways.sender("divided").send("order", 3_000, 100, 16, 17);
            await().atMost(PATIENCE).until(() -> divided.delivered() == 3_000);
            assertThat(new ArrivalCheck(sent, divided.arrivalsSoFar()).faults()).isEmpty();
            assertThat(List.of(gateways.one(), gateways.two()))
                    .allSatisfy(gateway -> assertThat(gateway.metric(delivered)).isPositive());
        }
    }
}
