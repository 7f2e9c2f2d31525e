package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Targets that answer 429 with a Retry-After header. */
@ExtendWith(SharedGatewaysExtension.class)
class RetryAfterIT {
    private static final Path DIRECTORY = Path.of("target", "system", "retry-after");
    private static final int PARTITIONS = 16;

    private final SharedGateways gateways;

    RetryAfterIT(SharedGateways gateways) {
        this.gateways = gateways;
    }

    @Test
    void targetReceivesNothingFromAnyLaneUntilItsPauseIsOver() throws Exception {
        try (RecordingTarget busy = gateways.target("busy").askingForAPause("3");
                RecordingTarget unhurried = gateways.target("unhurried")) {
            gateways.sender("busy").send("first", 1, 1, 1, 1);
            await().atMost(PATIENCE)
                    .until(() -> gateways.metric("sluice_deliveries_total{outcome=\"failed\",target=\"busy\"}") == 1);
            long paused = busy.arrivals().get(0).ended();
            busy.answering(200);
            List<Sent> sent = gateways.sender("busy").send("order", 50, 50, 4, 23);
            await().atMost(PATIENCE).until(() -> unhurried.delivered() == 51 && busy.delivered() == 51);
            assertThat(busy.arrivals().stream().filter(arrival -> arrival.status() == 200))
                    .allSatisfy(arrival -> assertThat(Duration.ofNanos(arrival.began() - paused))
                            .isGreaterThan(Duration.ofMillis(2_900)));
            assertThat(new ArrivalCheck(sent, busy.arrivalsSoFar()).violations())
                    .isEmpty();
        }
    }

    @Test
    void pauseEndsWithTheRetryWindowAndOccupiesNoSlotWhenTheTargetAsksForALongerOne() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("timeless-redis"), "--save", "");
                RecordingTarget timeless = new RecordingTarget(gateways.vertx(), Shop.TARGET_SECRET)
                        .askingForAPause("Fri, 31 Dec 9999 23:59:59 GMT");
                Gateway gateway = new Gateway(DIRECTORY.resolve("timeless"), redis.uri(), oneSlot(timeless))) {
            Shop.post(gateway, "shop", new Message("first", 0));
            await().atMost(PATIENCE).until(() -> timeless.requests() == 1);
            timeless.answering(200);
            Shop.post(gateway, "shop", new Message("second", 0));
            await().atMost(PATIENCE).until(() -> timeless.delivered() == 2);
        }
    }

    @Test
    void pauseIsWrittenOncePerPartitionWhenManyAttemptsReceiveIt() throws Exception {
        String holds = "sluice_redis_seconds_count{script=\"hold\"}";
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                Endpoint busy = new Endpoint(gateways.vertx()).answeringLater(request -> answer);
                Gateway gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings(busy))) {
            new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send("order", 20, 20, 4, 29);
            await().atMost(PATIENCE).until(() -> busy.count() == 20);
            answer.complete(429);
            await().atMost(PATIENCE)
                    .until(() -> gateway.metric("sluice_deliveries_total{outcome=\"failed\",target=\"busy\"}") == 20);
            await().atMost(PATIENCE).until(() -> gateway.metric(holds) >= PARTITIONS);
            assertThat(gateway.metric(holds)).isEqualTo(PARTITIONS);
        }
    }

    private static Map<String, String> oneSlot(RecordingTarget timeless) {
        Map<String, String> settings = Shop.settings(Map.of("timeless", timeless), "1s");
        settings.put("sluice.policies.default.retry.window", "2s");
        settings.put("sluice.policies.default.concurrency", "1");
        return settings;
    }

    private static Map<String, String> settings(Endpoint busy) {
        Map<String, String> settings = Shop.settings(Map.of(), "100ms");
        settings.put("sluice.targets.busy.url", busy.url());
        settings.put("sluice.targets.busy.timeout", "1m");
        settings.put("sluice.lanes.partitions", Integer.toString(PARTITIONS));
        return settings;
    }
}
