package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.FaultyProxy;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that stop, in order or not, beside one that goes on. */
class ComingAndGoingIT {
    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final Map<String, String> settings = Shop.settings(Map.of("erp", target), "400ms");

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private EmbeddedRedis redis;

    @BeforeEach
    void startRedis() {
        redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "");
    }

    @AfterEach
    void stopRedis() {
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aGatewayThatIsStoppedUnderLoadServesUntilItsDelayIsOverAndNothingIsSentTwice() throws Exception {
        settings.put("quarkus.shutdown.delay", "6s");
        // More comes than can be sent at once: lanes are ready, and claimed, all the time.
        settings.put("sluice.policies.default.concurrency", "4");
        target.answeringAfter(Duration.ofMillis(20));
        try (Gateway staying = gateway("staying");
                Gateway going = gateway("going")) {
            Sender sender = sender(staying, going);
            CompletableFuture<List<Sent>> sending = sender.sendInBackground("order", 1_800, 120, 12, 31);
            await().atMost(PATIENCE).until(() -> claims(going) > 20);
            going.signal("TERM");
            await().atMost(PATIENCE).until(() -> going.health("ready") == 503);
            double claimed = claims(going);
            double others = claims(staying);
            await().atMost(PATIENCE).until(() -> claims(staying) > others + 20);
            assertThat(claims(going)).isEqualTo(claimed);
            // It goes on to take what comes, for as long as others may not know yet that it is going.
            int already = sender.done();
            await().atMost(PATIENCE).until(() -> sender.done() > already + 50);
            assertThat(new Sender(List.of(() -> going.in("shop")), Shop.SIGNER).send("late", 2, 1, 1, 1))
                    .isNotEmpty();
            assertThat(going.isAlive()).isTrue();
            await().atMost(PATIENCE).until(() -> !going.isAlive());

            List<Sent> sent = sending.get();
            await().atMost(PATIENCE).until(() -> target.delivered() >= 1_802);
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(check.doubles()).isEmpty();
        }
    }

    private static double claims(Gateway gateway) {
        return gateway.metric("sluice_redis_seconds_count{script=\"claim\"}");
    }

    @Test
    void lanesContinueAtAnotherGatewayBeforeTheirLeasesEndWhenAGatewayStops() throws Exception {
        // No lease ends while this test waits: the stopping gateway must hand its lanes back.
        settings.put("sluice.lanes.lease", "5m");
        target.answeringAfter(Duration.ofMillis(100));
        try (Gateway staying = gateway("staying");
                Gateway going = gateway("going")) {
            List<Sent> sent = sender(going).send("order", 240, 4, 4, 3);
            await().atMost(PATIENCE)
                    .until(() -> target.arrivals().stream().filter(by("going")).count() > 20);
            going.close();
            await().atMost(PATIENCE).until(() -> target.delivered() == 240);
            assertThat(target.arrivals()).anyMatch(by("staying"));
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(check.doubles()).isEmpty();
            assertThat(staying.isAlive()).isTrue();
        }
    }

    @Test
    void lanesWhoseClaimIsUnderWayWhenTheirGatewayStopsAreHandedBack() throws Exception {
        settings.put("sluice.lanes.partitions", "1");
        // Longer than anybody waits here.
        settings.put("sluice.lanes.lease", "5m");
        // Nobody holds back from a target that only fails: its lanes are claimed all the time, and most of that is
        // under way.
        settings.put("sluice.policies.default.circuit.window", "10000");
        target.answering(500);
        try (FaultyProxy line = new FaultyProxy(vertx, redis.port());
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway going = new Gateway(directory.resolve("going"), line.uri(), Shop.named("going", settings))) {
            List<Sent> sent = sender(going).send("order", 40, 40, 4, 3);
            line.delay(Duration.ofMillis(300));
            int already = target.requests();
            await().atMost(PATIENCE).until(() -> target.requests() > already + 80);
            going.close();
            assertThat(look.run(Command.HGETALL, "sluice:{0}:n").getKeys())
                    .contains("queued:erp")
                    .doesNotContain("leased:erp");

            target.answering(200);
            try (Gateway staying = gateway("staying")) {
                await().atMost(PATIENCE).until(() -> target.delivered() == 40);
                assertThat(staying.isAlive()).isTrue();
            }
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
        }
    }

    @Test
    void anAttemptThatDoesNotEndInTimeIsCutAndMadeAgainByAnother() throws Exception {
        target.answering(RecordingTarget.HANG);
        settings.put("quarkus.shutdown.timeout", "1s");
        settings.put("sluice.policies.default.timeout", "10m");
        try (Gateway going = gateway("going")) {
            List<Sent> sent = sender(going).send("order", 2, 1, 1, 3);
            await().atMost(PATIENCE).until(() -> target.requests() == 1);
            try (Gateway staying = gateway("staying")) {
                going.close();
                await().atMost(PATIENCE).until(() -> target.requests() == 2);
                Arrival cut = target.arrivals().get(0);
                assertThat(cut.gateway()).isEqualTo("going");
                assertThat(cut.status()).isEqualTo(RecordingTarget.HANG);
                target.answering(200);
                staying.kill();
                staying.start();
                await().atMost(PATIENCE).until(() -> target.delivered() == 2);
                ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
                assertThat(check.violations()).isEmpty();
                assertThat(check.hits()).isEmpty();
            }
        }
    }

    @Test
    void lanesOfAKilledGatewayContinueWhenTheirLeasesEndHoweverLongAttemptsMayTake() throws Exception {
        target.answering(RecordingTarget.HANG);
        settings.put("sluice.policies.default.timeout", "10m");
        settings.put("sluice.lanes.lease", "2s");
        settings.put("sluice.redis.timeout", "500ms");
        try (Gateway staying = gateway("staying");
                Gateway dying = gateway("dying")) {
            List<Sent> sent = sender(dying).send("order", 40, 20, 4, 3);
            await().atMost(PATIENCE).until(() -> target.requests() == 20);
            target.answering(200);
            dying.kill();
            await().atMost(PATIENCE).until(() -> target.delivered() == 40);
            assertThat(target.arrivals().stream().filter(by("staying"))).hasSizeGreaterThanOrEqualTo(40);
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(staying.isAlive()).isTrue();
        }
    }

    @Test
    void everyEventAnswered2xxIsDeliveredWhenItsGatewayIsKilled() throws Exception {
        target.failing(0.1, 11);
        try (Gateway gateway = gateway("dying")) {
            Sender sender = sender(gateway);
            CompletableFuture<List<Sent>> sending = sender.sendInBackground("order", 3_000, 200, 16, 5);
            for (int kill = 1; kill <= 2; kill++) {
                int after = kill * 1_000;
                await().atMost(PATIENCE).until(() -> sender.done() >= after);
                gateway.kill();
                gateway.start();
            }
            List<Sent> sent = sending.get();
            await().atMost(PATIENCE).until(() -> target.delivered() == 3_000);
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            // Only events in flight when the gateway was killed are sent again: at most one per slot.
            assertThat(check.doubles()).hasSizeLessThanOrEqualTo(2 * 64);
        }
    }

    @Test
    void gatewayFinishesItsAttemptsWhenItStops() throws Exception {
        target.answeringAfter(Duration.ofSeconds(2));
        settings.put("quarkus.shutdown.timeout", "20s");
        settings.put("sluice.policies.default.timeout", "10s");
        try (Gateway gateway = gateway("stopping")) {
            Shop.post(gateway, "shop", new Message("o", 0));
            await().atMost(PATIENCE).until(() -> target.requests() == 1);
            gateway.close();
            assertThat(target.arrivals())
                    .singleElement()
                    .satisfies(arrival -> assertThat(arrival.status()).isEqualTo(200));
            gateway.start();
            Shop.post(gateway, "shop", new Message("o", 1));
            await().atMost(PATIENCE).until(() -> target.delivered() == 2);
        }
        assertThat(target.arrivals()).hasSize(2);
    }

    private Gateway gateway(String name) {
        return new Gateway(directory.resolve(name), redis.uri(), Shop.named(name, settings));
    }

    private static Sender sender(Gateway... gateways) {
        return new Sender(
                Arrays.stream(gateways)
                        .map(gateway -> (Supplier<URI>) () -> gateway.in("shop"))
                        .toList(),
                Shop.SIGNER);
    }

    private static Predicate<Arrival> by(String gateway) {
        return arrival -> arrival.gateway().equals(gateway);
    }
}
