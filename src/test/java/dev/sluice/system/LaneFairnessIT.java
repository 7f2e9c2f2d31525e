package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Lanes of one target that compete for its slots. */
@ExtendWith(SharedGatewaysExtension.class)
class LaneFairnessIT {
    private static final Path DIRECTORY = Path.of("target", "system", "lane-fairness");

    private final SharedGateways gateways;

    LaneFairnessIT(SharedGateways gateways) {
        this.gateways = gateways;
    }

    @Test
    void eachLaneGetsItsTurnWhenTheTargetHasOneSlot() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                RecordingTarget target =
                        new RecordingTarget(gateways.vertx(), Shop.TARGET_SECRET).askingForAPause("2");
                Gateway gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings(target))) {
            new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send("order", 400, 4, 4, 29);
            target.answering(200);
            await().atMost(PATIENCE).until(() -> target.delivered() == 400);
            List<String> served = target.arrivals().stream()
                    .filter(arrival -> arrival.status() == 200)
                    .map(arrival -> arrival.message().entity())
                    .toList();
            // Four lanes of 100 events each, in bursts of five: each lane has had its turn long before one lane is
            // empty.
            assertThat(served.subList(0, 80)).contains("order-0", "order-1", "order-2", "order-3");
        }
    }

    @Test
    void newEventOfAnIdleLaneDoesNotWaitForTheBacklogOfOthers() throws Exception {
        try (RecordingTarget target = gateways.target("crowded").askingForAPause("2")) {
            gateways.sender("crowded").send("waiting", 1_600, 1_600, 8, 29);
            target.answeringAfter(Duration.ofMillis(100));
            await().atMost(PATIENCE).until(() -> target.delivered() >= 40);
            for (int i = 0; i < 5; i++) {
                String fresh = "new-" + i;
                int before = (int) target.delivered();
                gateways.sender("crowded").send(fresh, 1, 1, 1, i);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> target.arrivals().stream()
                                .anyMatch(arrival -> arrival.message().entity().startsWith(fresh)));
                assertThat(target.delivered() - before).isLessThan(400);
            }
            assertThat(target.delivered()).isLessThan(1_600);
            await().atMost(PATIENCE).until(() -> target.delivered() == 1_605);
        }
    }

    private static Map<String, String> settings(RecordingTarget target) {
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "100ms");
        settings.put("sluice.policies.default.concurrency", "1");
        settings.put("sluice.lanes.burst", "5");
        settings.put("sluice.lanes.partitions", "1");
        return settings;
    }
}
