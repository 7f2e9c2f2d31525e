package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that stops answering, or restarts, while gateways accept and deliver. */
class RedisOutageIT {
    private final Vertx vertx = Vertx.vertx();

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
    void gatewayAnswers503WhileRedisIsAwayAndThenRecoversByItself() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        try (Gateway gateway = new Gateway(directory, redis.uri(), Shop.settings(Map.of("erp", target), "400ms"))) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            sender.send("before", 20, 10, 2, 1);
            signal("STOP");
            HttpResponse<String> refused = Shop.post(gateway, "shop", new Message("o", 0));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 503);
            assertThat(gateway.health("live")).isEqualTo(200);

            signal("CONT");
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 200);
            List<Sent> sent = sender.send("after", 200, 20, 4, 2);
            await().atMost(PATIENCE).until(() -> target.delivered() >= 220);
            assertThat(new ArrivalCheck(sent, target.arrivalsSoFar()).violations())
                    .isEmpty();
        }
    }

    @Test
    void attemptIsAbortedBeforeItsLeaseEndsWhenTheLeaseCannotBeRenewed() throws Exception {
        RecordingTarget hanging = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(RecordingTarget.HANG);
        Map<String, String> settings = Shop.settings(Map.of("erp", hanging), "400ms");
        settings.put("sluice.policies.default.timeout", "10m");
        settings.put("sluice.lanes.lease", "6s");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            Shop.post(gateway, "shop", new Message("o", 0));
            await().atMost(PATIENCE).until(() -> hanging.requests() == 1);
            long stopped = System.nanoTime();
            signal("STOP");
            await().atMost(PATIENCE).until(() -> hanging.arrivals().size() == 1);
            Arrival cut = hanging.arrivals().get(0);
            assertThat(cut.status()).isEqualTo(RecordingTarget.HANG);
            // Renewed at the latest when Redis stopped: from there on the lease holds no longer than its term.
            assertThat(Duration.ofNanos(cut.ended() - stopped)).isLessThan(Duration.ofSeconds(6));

            hanging.answering(200);
            signal("CONT");
            await().atMost(PATIENCE).until(() -> hanging.delivered() == 1);
        }
    }

    @Test
    void everyAcceptedEventIsDeliveredWhenRedisRestartsWithItsAppendOnlyFile() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(500);
        redis.close();
        String[] durable = {"--save", "", "--appendonly", "yes", "--appendfsync", "always"};
        redis = EmbeddedRedis.start(directory.resolve("durable"), redis.port(), durable);
        runRedisCommand("FLUSHALL");
        try (Gateway gateway = new Gateway(directory, redis.uri(), Shop.settings(Map.of("erp", target), "400ms"))) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            sender.send("order", 400, 40, 8, 19);
            signal("KILL");
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 503);
            redis.close();
            redis = EmbeddedRedis.start(directory.resolve("durable"), redis.port(), durable);
            target.answering(200);
            await().atMost(PATIENCE).until(() -> target.delivered() == 400);
            ArrivalCheck check = new ArrivalCheck(sender.answers(), target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
        }
    }

    private void signal(String name) throws IOException, InterruptedException {
        Signals.send(name, redis.pid());
    }

    private void runRedisCommand(String command) {
        try (Socket socket = new Socket("127.0.0.1", redis.port())) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('+');
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
