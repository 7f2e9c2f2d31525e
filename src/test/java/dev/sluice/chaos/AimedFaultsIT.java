package dev.sluice.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.FaultyProxy;
import dev.sluice.system.ArrivalCheck;
import dev.sluice.system.Gateway;
import dev.sluice.system.KeptDirectory;
import dev.sluice.system.RecordingTarget;
import dev.sluice.system.Sender;
import dev.sluice.system.Sent;
import dev.sluice.system.Shop;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults that chance would seldom hit, each aimed at one thing that the promise rests on. No gateway is stopped here, so nothing
 * excuses two requests in flight.
 */
class AimedFaultsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LEASE = Duration.ofSeconds(2);

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final Map<String, FaultyProxy> lines = new ConcurrentHashMap<>();

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private EmbeddedRedis redis;

    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "");
    }

    @AfterEach
    void stop() {
        lines.values().forEach(FaultyProxy::close);
        redis.close();
        target.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Settling proves the lease: what arrives when it has ended changes nothing. */
    @Test
    void aSettlementThatIsLateChangesNothingForTheNextHolderOfTheLane() throws Exception {
        target.answering(message -> 500).taking(Duration.ofMillis(400));
        try (Gateway late = gateway("late");
                Gateway next = gateway("next");
                Gateway third = gateway("third")) {
            Sender sender = new Sender(List.of(() -> late.in("shop")), Shop.SIGNER);
            sender.send("order", 1, 1, 1, 1);
            await().atMost(PATIENCE).until(() -> target.requests() == 1);
            // Its settlement, and whatever it says again, will be under way for longer than its lease.
            line("late").delay(LEASE.multipliedBy(2));
            AtomicInteger taken = new AtomicInteger();
            target.answering(message -> message.entity().startsWith("order") ? hang(taken) : 500);
            // Others that are tried again and again: two gateways look for ready lanes all the time. What one of them
            // is at and
            // seems to be ready the other one takes, before the first can know that it has lost it.
            new Sender(List.of(() -> next.in("shop"), () -> third.in("shop")), Shop.SIGNER).send("noise", 8, 8, 4, 1);
            await().atMost(PATIENCE).until(() -> taken.get() == 1);
            // In this time it arrives. What it says of the event is of no account while another delivers it.
            await().pollDelay(LEASE.multipliedBy(2)).until(() -> true);
            target.answering(200).taking(Duration.ZERO);
            line("late").pass();
            next.kill();
            third.kill();
            next.start();
            // Beside those of the noise.
            assertKept(sender.answers(), 9);
        }
    }

    private static int hang(AtomicInteger requests) {
        requests.incrementAndGet();
        return RecordingTarget.HANG;
    }

    /** A repetition is recognised in the same step that accepts. */
    @Test
    void ofCopiesThatComeToTwoGatewaysAtOnceOneIsAccepted() throws Exception {
        try (Gateway one = gateway("one");
                Gateway two = gateway("two")) {
            Sender sender = new Sender(List.of(() -> one.in("shop"), () -> two.in("shop")), Shop.SIGNER);
            List<Sent> sent = sender.sendCopiesAtOnce("order", 300, 4);
            assertThat(sent).hasSize(1_200);
            assertKept(sent, 300);
            assertThat(new ArrivalCheck(sent, target.arrivals()).doubles()).isEmpty();
        }
    }

    /** Whoever cannot renew its lease ends its attempt before another one may begin. */
    @Test
    void anAttemptEndsBeforeTheLeaseThatCannotBeRenewed() throws Exception {
        target.answering(RecordingTarget.HANG);
        try (Gateway alone = gateway("alone");
                Gateway next = gateway("next")) {
            Sender sender = new Sender(List.of(() -> alone.in("shop")), Shop.SIGNER);
            List<Sent> sent = sender.send("order", 20, 20, 4, 1);
            await().atMost(PATIENCE).until(() -> target.requests() == 20);
            line("alone").blackhole();
            await().atMost(PATIENCE).until(() -> target.requests() == 40);
            target.answering(200);
            next.kill();
            next.start();
            assertKept(sent, 20);
            line("alone").pass();
        }
    }

    /** Settling names the event: said twice, because the answer was lost, it takes one out of the lane. */
    @Test
    void aSettlementThatIsRepeatedTakesNothingElseOutOfTheLane() throws Exception {
        target.answeringAfter(Duration.ofMillis(20));
        try (Gateway gateway = gateway("only")) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            CompletableFuture<List<Sent>> sending = sender.sendInBackground("order", 1_200, 30, 6, 1);
            for (int lost = 1; lost <= 6; lost++) {
                int after = lost * 150;
                await().atMost(PATIENCE).until(() -> target.delivered() > after);
                long before = timesLost(gateway);
                line("only").loseAnswers();
                await().atMost(PATIENCE).until(() -> timesLost(gateway) > before);
                line("only").pass();
            }
            assertKept(sending.get(), 1_200);
        }
    }

    /** An event stays in its lane until a target has it. */
    @Test
    void whatAKilledGatewayWasAtIsDeliveredByTheNextOneHoweverOftenOneIsKilled() throws Exception {
        target.answering(RecordingTarget.HANG);
        try (Gateway gateway = gateway("only")) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            List<Sent> sent = sender.send("order", 80, 20, 4, 1);
            for (int life = 1; life <= 3; life++) {
                int inFlight = life * 20;
                await().atMost(PATIENCE).until(() -> target.requests() == inFlight);
                if (life == 3) {
                    target.answering(200);
                }
                gateway.kill();
                gateway.start();
            }
            assertKept(sent, 80);
        }
    }

    /** Once so many deliveries were made, or should have been. */
    private void assertKept(List<Sent> sent, int deliveries) {
        try {
            await().atMost(PATIENCE).until(() -> target.delivered() >= deliveries);
        } catch (ConditionTimeoutException e) {
            // What is missing is told below.
        }
        ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
        assertThat(Stream.concat(check.violations().stream(), check.hits().stream()))
                .isEmpty();
        assertThat(target.delivered()).isGreaterThanOrEqualTo(deliveries);
    }

    private static long timesLost(Gateway gateway) {
        return gateway.logged()
                .lines()
                .filter(line -> line.contains("lost the connection to Redis"))
                .count();
    }

    private Gateway gateway(String name) {
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "200ms");
        settings.put("sluice.lanes.partitions", "1");
        settings.put("sluice.lanes.lease", LEASE.toMillis() + "ms");
        settings.put("sluice.redis.timeout", "500ms");
        settings.put("sluice.policies.default.timeout", "2m");
        // Nobody holds back from a target that only fails.
        settings.put("sluice.policies.default.circuit.window", "10000");
        return new Gateway(directory.resolve(name), line(name).uri(), Shop.named(name, settings));
    }

    private FaultyProxy line(String gateway) {
        return lines.computeIfAbsent(gateway, name -> new FaultyProxy(vertx, redis.port()));
    }
}
