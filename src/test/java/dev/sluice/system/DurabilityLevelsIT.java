package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.RedisSentinel;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What each level of durability keeps when Redis loses what it had in memory, and what it does not keep. */
class DurabilityLevelsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    @AfterEach
    void stop() {
        target.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void withMemoryAFailOverLosesWhatTheReplicaDidNotHaveAndNothingElse() throws Exception {
        target.answering(message -> message.entity().startsWith("taken") ? 200 : 500);
        try (RedisSentinel redis = new RedisSentinel(vertx, directory.resolve("redis"), 1);
                Gateway gateway = gateway(redis, "memory")) {
            List<Sent> kept = sender(gateway).send("kept", 20, 10, 2, 1);
            redis.awaitSynced();
            redis.pauseReplication();
            List<Sent> taken = sender(gateway).send("taken", 20, 10, 2, 1);
            await().atMost(PATIENCE).until(() -> tookAll(taken));
            List<Sent> lost = sender(gateway).send("lost", 20, 10, 2, 1);

            redis.awaitFailover(redis.killPrimary());
            target.answering(200);
            await().atMost(PATIENCE).until(() -> tookAll(kept));
            // Told apart from what is late: what comes now has been delivered.
            List<Sent> after = sender(gateway).send("after", 20, 10, 2, 1);
            await().atMost(PATIENCE).until(() -> tookAll(after));
            assertThat(target.arrivals())
                    .filteredOn(arrival -> arrival.status() == 200)
                    .extracting(Arrival::message)
                    .doesNotContainAnyElementsOf(
                            lost.stream().map(Sent::message).toList());
            assertThat(new ArrivalCheck(kept, target.arrivalsSoFar()).violations())
                    .isEmpty();
        }
    }

    @Test
    void withMemoryAFailOverHasSentAgainWhatTheReplicaTookForUndelivered() throws Exception {
        target.answering(500);
        try (RedisSentinel redis = new RedisSentinel(vertx, directory.resolve("redis"), 1);
                Gateway gateway = gateway(redis, "memory")) {
            List<Sent> sent = sender(gateway).send("order", 40, 10, 2, 1);
            redis.awaitSynced();
            redis.pauseReplication();
            target.answering(200);
            await().atMost(PATIENCE).until(() -> tookAll(sent));
            int delivered = target.arrivals().size();

            redis.awaitFailover(redis.killPrimary());
            await().atMost(PATIENCE).until(() -> target.arrivals().size() >= delivered + 40);
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            // Under the same ids and sequences, in order among themselves, after newer ones of before.
            assertThat(check.violations()).isEmpty();
            assertThat(check.doubles()).hasSize(40);
            assertThat(check.hits()).extracting(Hit::rule).containsOnly("an older one after a newer one");
        }
    }

    @Test
    void whatIsReplicatedIsNeitherLostNorOvertakenByAFailOverAndWhatCannotBeIsRefused() throws Exception {
        target.answering(500);
        try (RedisSentinel redis = new RedisSentinel(vertx, directory.resolve("redis"), 1);
                Gateway gateway = gateway(redis, "replicated")) {
            Sender sender = sender(gateway);
            sender.send("order", 40, 10, 2, 1);
            redis.pauseReplication();
            target.answering(200);
            Message refused = new Message("refused", 0);
            assertThat(post(gateway, refused)).isEqualTo(503);
            // Redis has it by now, and it is not safe: the repetition is refused as well.
            assertThat(post(gateway, refused)).isEqualTo(503);
            int dead = redis.killPrimary();
            CompletableFuture<List<Sent>> sending = sender.sendInBackground("order", 80, 10, 2, 1);
            redis.awaitFailover(dead);
            redis.resumeReplication();
            redis.restartKilled();
            List<Sent> sent = sending.get();
            await().atMost(PATIENCE).until(() -> tookAll(sent));
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
        }
    }

    @Test
    void whatIsNoLongerKeptOnADiskIsRefused() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(
                        directory.resolve("redis"), "--save", "", "--appendonly", "yes", "--appendfsync", "always");
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory.resolve("gateway"), redis.uri(), settings("fsync"))) {
            assertThat(post(gateway, new Message("o", 0))).isEqualTo(200);
            look.run(Command.CONFIG, "SET", "appendonly", "no");
            await().atMost(PATIENCE).until(() -> post(gateway, new Message("o", 1)) == 503);
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 503);
            assertThat(gateway.logged()).contains("set appendonly yes");
            look.run(Command.CONFIG, "SET", "appendonly", "yes");
            await().atMost(PATIENCE).until(() -> post(gateway, new Message("o", 1)) == 200);
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 200);
            await().atMost(PATIENCE).until(() -> target.delivered() == 2);
        }
    }

    private boolean tookAll(List<Sent> sent) {
        return target.arrivals().stream()
                .filter(arrival -> arrival.status() == 200)
                .map(Arrival::message)
                .toList()
                .containsAll(sent.stream().map(Sent::message).toList());
    }

    private static Sender sender(Gateway gateway) {
        return new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
    }

    private static int post(Gateway gateway, Message message) throws Exception {
        return HTTP.send(
                        Shop.SIGNER
                                .sign(HttpRequest.newBuilder(gateway.in("shop")), message.body())
                                .POST(HttpRequest.BodyPublishers.ofByteArray(message.body()))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private Gateway gateway(RedisSentinel redis, String durability) {
        Map<String, String> settings = settings(durability);
        settings.put("quarkus.redis.client-type", "sentinel");
        settings.put("quarkus.redis.master-name", redis.name());
        return new Gateway(directory.resolve("gateway"), redis.sentinelUris(), settings);
    }

    private Map<String, String> settings(String durability) {
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "200ms");
        settings.put("sluice.sources.shop.durability", durability);
        settings.put("sluice.lanes.lease", "3s");
        settings.put("sluice.redis.timeout", "750ms");
        settings.put("sluice.policies.default.circuit.window", "10000");
        return settings;
    }
}
