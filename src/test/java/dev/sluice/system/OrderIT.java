package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.FaultyProxy;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The promise, from outside: the packaged gateway, a real Redis, real targets, and a sender like the provider's. */
class OrderIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Sender.Signer DEPOT = (request, body) -> request.header(
            "X-Depot-Signature", Base64.getEncoder().encodeToString(RecordingTarget.hmac("depot-secret", body)));

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

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
    void aHealthyTargetIsNotHeldUpByOnesThatFailAndThoseGetEverythingOnceTheyRecover() throws Exception {
        RecordingTarget healthy = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        RecordingTarget failing = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(500);
        RecordingTarget hanging = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(RecordingTarget.HANG);
        Map<String, String> settings =
                Shop.settings(Map.of("healthy", healthy, "failing", failing, "hanging", hanging), "2s");
        settings.put("sluice.sources.depot.secrets", "depot-secret");
        settings.put("sluice.sources.depot.signature.header", "X-Depot-Signature");
        settings.put("sluice.sources.depot.signature.encoding", "base64");
        settings.put("sluice.sources.depot.type", "/event");
        settings.put("sluice.sources.depot.ordering-key", "/data/orderId");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            Sender shop = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            Sender depot = new Sender(List.of(() -> gateway.in("depot")), DEPOT);
            CompletableFuture<List<Sent>> other = depot.sendInBackground("pallet", 5_000, 250, 8, 2);
            List<Sent> sent = new ArrayList<>(shop.send("order", 5_000, 250, 8, 1));
            sent.addAll(other.get());

            await().atMost(PATIENCE).until(() -> healthy.delivered() == 10_000);
            assertThat(failing.delivered() + hanging.delivered()).isZero();
            ArrivalCheck check = new ArrivalCheck(sent, healthy.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(check.doubles()).isEmpty();

            failing.answering(200);
            hanging.answering(200);
            await().atMost(PATIENCE).until(() -> failing.delivered() == 10_000 && hanging.delivered() == 10_000);
            for (RecordingTarget recovered : List.of(failing, hanging)) {
                ArrivalCheck late = new ArrivalCheck(sent, recovered.arrivalsSoFar());
                assertThat(late.violations()).isEmpty();
                assertThat(late.hits()).isEmpty();
                assertThat(late.doubles()).isEmpty();
            }
        }
    }

    @Test
    void aTargetThatFailsAThirdOfTheTimeLosesNothingAndNothingIsOvertaken() throws Exception {
        RecordingTarget flaky = new RecordingTarget(vertx, Shop.TARGET_SECRET).failing(1 / 3.0, 7);
        try (Gateway gateway = new Gateway(directory, redis.uri(), Shop.settings(Map.of("flaky", flaky), "400ms"))) {
            List<Sent> sent =
                    new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send("order", 3_000, 200, 16, 3);
            await().atMost(PATIENCE).until(() -> flaky.delivered() == 3_000);
            ArrivalCheck check = new ArrivalCheck(sent, flaky.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(check.doubles()).isEmpty();
        }
    }

    @Test
    void aKilledGatewayLosesNothingThatItAnswered2xx() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET).failing(0.1, 11);
        Gateway gateway = new Gateway(directory, redis.uri(), Shop.settings(Map.of("erp", target), "400ms"));
        try (gateway) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            CompletableFuture<List<Sent>> sending = sender.sendInBackground("order", 4_000, 200, 16, 5);
            for (int kill = 1; kill <= 2; kill++) {
                int after = kill * 1_200;
                await().atMost(PATIENCE).until(() -> sender.done() >= after);
                gateway.kill();
                gateway.start();
            }
            List<Sent> sent = sending.get();
            await().atMost(PATIENCE).until(() -> target.delivered() == 4_000);
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            // Only what was under way when a gateway was killed may come again: at most one event a slot.
            assertThat(check.doubles()).hasSizeLessThanOrEqualTo(2 * 64);
        }
    }

    @Test
    void twoGatewaysDeliverEachEventOnceBetweenThem() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET).failing(0.2, 13);
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "400ms");
        try (Gateway one = new Gateway(directory.resolve("one"), redis.uri(), settings);
                Gateway two = new Gateway(directory.resolve("two"), redis.uri(), settings)) {
            List<Sent> sent = new Sender(List.of(() -> one.in("shop"), () -> two.in("shop")), Shop.SIGNER)
                    .send("order", 3_000, 100, 16, 17);
            await().atMost(PATIENCE).until(() -> target.delivered() == 3_000);
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivalsSoFar());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(check.doubles()).isEmpty();
        }
    }

    @Test
    void redisAwayIsA503AndRecoversByItself() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        try (Gateway gateway = new Gateway(directory, redis.uri(), Shop.settings(Map.of("erp", target), "400ms"))) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            sender.send("before", 20, 10, 2, 1);
            signal("STOP");
            HttpResponse<String> refused = post(gateway, new Message("o", 0));
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
    void anAttemptWhoseLeaseCannotBeRenewedIsCutBeforeTheLeaseEnds() throws Exception {
        RecordingTarget hanging = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(RecordingTarget.HANG);
        Map<String, String> settings = Shop.settings(Map.of("erp", hanging), "400ms");
        settings.put("sluice.policies.default.timeout", "10m");
        settings.put("sluice.lanes.lease", "6s");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            post(gateway, new Message("o", 0));
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
    void aRestartedRedisHasEverythingThatWasAcceptedWhenItKeepsAnAppendOnlyFile() throws Exception {
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

    @Test
    void anEventWhoseWindowRanOutIsSetAsideOrParksItsLaneAsItsPolicyHasIt() throws Exception {
        RecordingTarget failing = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(500);
        RecordingTarget parking = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(302);
        Map<String, String> settings = Shop.settings(Map.of("erp", failing, "bi", parking), "100ms");
        settings.put("sluice.policies.default.retry.window", "200ms");
        settings.put("sluice.policies.strict.retry.window", "200ms");
        settings.put("sluice.policies.strict.retry.initial", "50ms");
        settings.put("sluice.policies.strict.on-exhausted", "park");
        settings.put("sluice.targets.bi.policy", "strict");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            post(gateway, new Message("o", 0));
            post(gateway, new Message("o", 1));
            await().atMost(PATIENCE).until(() -> gateway.metric("sluice_dead_letters{target=\"erp\"}") == 2);
            await().atMost(PATIENCE).until(() -> gateway.metric("sluice_lanes{state=\"parked\",target=\"bi\"}") == 1);
            assertThat(gateway.metric("sluice_backlog_events{target=\"erp\"}")).isZero();
            assertThat(gateway.metric("sluice_backlog_events{target=\"bi\"}")).isEqualTo(2);
            assertThat(gateway.metric("sluice_lane_head_age_seconds{target=\"bi\"}"))
                    .isPositive();
            // The lane went on for the one, and stayed where it was for the other.
            assertThat(failing.arrivals())
                    .extracting(arrival -> arrival.message().number())
                    .contains(0, 1);
            assertThat(parking.arrivals())
                    .extracting(arrival -> arrival.message().number())
                    .containsOnly(0);
            assertThat(gateway.logged()).contains("dead-lettered", "parked", "HTTP 500", "HTTP 302");
        }
    }

    @Test
    void aTargetThatAsksForAPauseIsLeftAloneByAllItsLanes() throws Exception {
        RecordingTarget busy = new RecordingTarget(vertx, Shop.TARGET_SECRET).askingForAPause("3");
        RecordingTarget healthy = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        Map<String, String> settings = Shop.settings(Map.of("busy", busy, "healthy", healthy), "100ms");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            post(gateway, new Message("first", 0));
            await().atMost(PATIENCE)
                    .until(() -> gateway.metric("sluice_deliveries_total{outcome=\"failed\",target=\"busy\"}") == 1);
            long held = busy.arrivals().get(0).ended();
            busy.answering(200);
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            List<Sent> sent = sender.send("order", 50, 50, 4, 23);
            await().atMost(PATIENCE).until(() -> healthy.delivered() == 51 && busy.delivered() == 51);
            assertThat(busy.arrivals().stream().filter(arrival -> arrival.status() == 200))
                    .allSatisfy(arrival -> assertThat(Duration.ofNanos(arrival.began() - held))
                            .isGreaterThan(Duration.ofMillis(2_900)));
            assertThat(new ArrivalCheck(sent, busy.arrivalsSoFar()).violations())
                    .isEmpty();
        }
    }

    @Test
    void aPauseUntilTheEndOfTimeLastsNoLongerThanTheWindowAndCostsNoSlot() throws Exception {
        RecordingTarget busy =
                new RecordingTarget(vertx, Shop.TARGET_SECRET).askingForAPause("Fri, 31 Dec 9999 23:59:59 GMT");
        Map<String, String> settings = Shop.settings(Map.of("busy", busy), "1s");
        settings.put("sluice.policies.default.retry.window", "2s");
        settings.put("sluice.policies.default.concurrency", "1");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            post(gateway, new Message("first", 0));
            await().atMost(PATIENCE).until(() -> busy.requests() == 1);
            busy.answering(200);
            post(gateway, new Message("second", 0));
            await().atMost(PATIENCE).until(() -> busy.delivered() == 2);
        }
    }

    @Test
    void manyAttemptsThatAreToldToPauseAtOnceTellTheOthersOnce() throws Exception {
        RecordingTarget busy = new RecordingTarget(vertx, Shop.TARGET_SECRET)
                .answeringAfter(Duration.ofSeconds(2))
                .askingForAPause("60");
        try (Gateway gateway = new Gateway(directory, redis.uri(), Shop.settings(Map.of("busy", busy), "100ms"))) {
            new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send("order", 20, 20, 4, 29);
            await().atMost(PATIENCE)
                    .until(() -> gateway.metric("sluice_deliveries_total{outcome=\"failed\",target=\"busy\"}") == 20);
            await().atMost(PATIENCE).until(() -> gateway.metric("sluice_redis_seconds_count{script=\"hold\"}") >= 64);
            assertThat(gateway.metric("sluice_redis_seconds_count{script=\"hold\"}"))
                    .isEqualTo(64);
        }
    }

    /** Its lane has been leased when nobody waits for the answer any more. */
    @Test
    void anEventWhoseSenderLeavesWithoutTheAnswerIsDeliveredWithinItsLease() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "100ms");
        // Longer than anybody waits here.
        settings.put("sluice.lanes.lease", "5m");
        byte[] body = new Message("o", 0).body();
        try (FaultyProxy line = new FaultyProxy(vertx, redis.port());
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory.resolve("gateway"), line.uri(), settings)) {
            line.delay(Duration.ofMillis(700));
            CompletableFuture<?> sending = HTTP.sendAsync(
                    Shop.SIGNER
                            .sign(HttpRequest.newBuilder(gateway.in("shop")), body)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> look.keys().stream().anyMatch(key -> key.endsWith(":e")));
            assertThat(sending.cancel(true)).isTrue();
            await().atMost(PATIENCE).until(() -> target.delivered() == 1);
        }
    }

    @Test
    void threeIdleGatewaysLeaveRedisAlone() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "100ms");
        try (RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory.resolve("one"), redis.uri(), settings);
                Gateway two = new Gateway(directory.resolve("two"), redis.uri(), settings);
                Gateway three = new Gateway(directory.resolve("three"), redis.uri(), settings)) {
            post(gateway, new Message("o", 0));
            await().atMost(PATIENCE).until(() -> target.delivered() == 1);
            long from = RedisInfo.figure(redis, "server", "uptime_in_seconds");
            // Past the first look at everything, then over ten seconds of Redis' own clock.
            await().atMost(PATIENCE).until(() -> RedisInfo.figure(redis, "server", "uptime_in_seconds") >= from + 3);
            long calls = look.scriptCalls();
            long begun = RedisInfo.figure(redis, "server", "uptime_in_seconds");
            await().pollInterval(Duration.ofSeconds(1))
                    .atMost(PATIENCE)
                    .until(() -> RedisInfo.figure(redis, "server", "uptime_in_seconds") >= begun + 10);
            long seconds = RedisInfo.figure(redis, "server", "uptime_in_seconds") - begun;
            assertThat((look.scriptCalls() - calls) / seconds).isBetween(1L, 50L);
            assertThat(two.isAlive() && three.isAlive()).isTrue();
        }
    }

    @Test
    void aTargetGetsTheBodyByteForByteAndEveryHeader() throws Exception {
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        byte[] body = "{ \"data\":{\"number\":1e400,\"orderId\" : \"\u00e4\\u00e4\"},\n\"event\":\"E 1\"}\r\n"
                .getBytes(StandardCharsets.UTF_8);
        CompletableFuture<Map<String, List<String>>> headers = new CompletableFuture<>();
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        HttpServer target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        target.createContext("/", exchange -> {
            received.complete(exchange.getRequestBody().readAllBytes());
            headers.complete(Map.copyOf(exchange.getRequestHeaders()));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        target.start();
        Map<String, String> settings = Shop.settings(Map.of(), "100ms");
        settings.put(
                "sluice.targets.erp.url",
                "http://127.0.0.1:" + target.getAddress().getPort() + "/a?b=c");
        settings.put("sluice.targets.erp.secret", "whsec_bmV3");
        settings.put("sluice.targets.erp.previous-secret", "whsec_b2xk");
        settings.put("sluice.targets.erp.signatures", "optondemand,standard-webhooks");
        settings.put("sluice.targets.erp.headers.X-Api-Key", "key");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            HTTP.send(
                    HttpRequest.newBuilder(gateway.in("shop"))
                            .header("X-Signature", RecordingTarget.sign(Shop.SECRET, body))
                            .header("Content-Type", "application/json; charset=utf-8")
                            .header("traceparent", traceparent)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(received.get(60, TimeUnit.SECONDS)).isEqualTo(body);
            assertThat(headers.get(60, TimeUnit.SECONDS))
                    .containsEntry("X-signature", List.of(RecordingTarget.sign("whsec_bmV3", body)))
                    .containsEntry("X-signature-previous", List.of(RecordingTarget.sign("whsec_b2xk", body)))
                    .containsEntry("Content-type", List.of("application/json; charset=utf-8"))
                    .containsEntry("Traceparent", List.of(traceparent))
                    .containsEntry("Webhook-event", List.of("E 1"))
                    .containsEntry("Webhook-attempt", List.of("1"))
                    .containsEntry("X-api-key", List.of("key"))
                    .containsKey("Webhook-sequence");
            assertThat(headers.get().get("Webhook-id")).as("sent once").hasSize(1);
            for (String secret : List.of("whsec_bmV3", "whsec_b2xk")) {
                new Webhook(secret).verify(new String(body, StandardCharsets.UTF_8), headers.get());
            }
        } finally {
            target.stop(0);
        }
    }

    @Test
    void aStoppedGatewayLetsItsAttemptsFinish() throws Exception {
        RecordingTarget slow = new RecordingTarget(vertx, Shop.TARGET_SECRET).answeringAfter(Duration.ofSeconds(3));
        Map<String, String> settings = Shop.settings(Map.of("erp", slow), "100ms");
        settings.put("sluice.policies.default.timeout", "10s");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            post(gateway, new Message("o", 0));
            await().atMost(PATIENCE).until(() -> slow.requests() == 1);
        }
        assertThat(slow.arrivals())
                .singleElement()
                .satisfies(arrival -> assertThat(arrival.status()).isEqualTo(200));
        try (Gateway next = new Gateway(directory, redis.uri(), settings)) {
            post(next, new Message("o", 1));
            await().atMost(PATIENCE).until(() -> slow.delivered() == 2);
        }
        assertThat(slow.arrivals()).hasSize(2);
    }

    @Test
    void noLaneStarvesTheOthersOfItsTarget() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET).askingForAPause("2");
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "100ms");
        settings.put("sluice.policies.default.concurrency", "1");
        settings.put("sluice.lanes.burst", "5");
        settings.put("sluice.lanes.partitions", "1");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            sender.send("order", 400, 4, 4, 29);
            target.answering(200);
            await().atMost(PATIENCE).until(() -> target.delivered() == 400);
            List<String> served = target.arrivals().stream()
                    .filter(arrival -> arrival.status() == 200)
                    .map(arrival -> arrival.message().entity())
                    .toList();
            // Four lanes of a hundred events in bursts of five: each of them has had its turn well before one is
            // through.
            assertThat(served.subList(0, 80)).contains("order-0", "order-1", "order-2", "order-3");
        }
    }

    @Test
    void anEventWhoseLaneIsIdleDoesNotWaitForAllThatWaitsInOthers() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET).askingForAPause("2");
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "100ms");
        settings.put("sluice.policies.default.concurrency", "24");
        settings.put("sluice.policies.default.circuit.successes", "8");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            Sender sender = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
            sender.send("waiting", 1_600, 1_600, 8, 29);
            target.answeringAfter(Duration.ofMillis(50));
            await().atMost(PATIENCE).until(() -> target.delivered() >= 40);
            for (int i = 0; i < 5; i++) {
                Message fresh = new Message("new-" + i, 0);
                post(gateway, fresh);
                int before = (int) target.delivered();
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> target.arrivals().stream()
                                .anyMatch(arrival -> arrival.message().equals(fresh)));
                assertThat(target.delivered() - before).isLessThan(400);
            }
            assertThat(target.delivered()).isLessThan(1_600);
        }
    }

    @Test
    void whatItRefusesIsAnsweredOnPurpose() throws Exception {
        RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        Map<String, String> settings = Shop.settings(Map.of("erp", target), "400ms");
        settings.put("sluice.targets.erp.events", "ORDER_*");
        try (Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            assertThat(post(gateway, "shop", "{}", "sha256=00").statusCode()).isEqualTo(401);
            assertThat(post(gateway, "nobody", "{}", "sha256=00").statusCode()).isEqualTo(404);
            HttpResponse<String> tooLarge = post(gateway, "shop", "x".repeat(1_100_000), "sha256=00");
            assertThat(tooLarge.statusCode()).isEqualTo(413);
            assertThat(tooLarge.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(tooLarge.body()).contains("urn:sluice:too-large");
            assertThat(post(gateway, "shop", chunked("x".repeat(1_100_000)), "sha256=00", "text/plain")
                            .statusCode())
                    .isEqualTo(413);
            await().atMost(PATIENCE)
                    .until(() -> gateway.metric(
                                    "sluice_events_total{reason=\"too-large\",result=\"rejected\",source=\"shop\"}")
                            == 2);
            String genuine = "{\"event\":\"OTHER\",\"data\":{\"orderId\":2}}";
            for (String odd : List.of("foo", "application/json, text/xml", "multipart/form-data", "")) {
                HttpResponse<String> any = post(
                        gateway,
                        "shop",
                        HttpRequest.BodyPublishers.ofString(genuine),
                        RecordingTarget.sign(Shop.SECRET, genuine.getBytes(StandardCharsets.UTF_8)),
                        odd);
                assertThat(any.statusCode()).as(odd).isEqualTo(200);
            }
            assertThat(signed(gateway, "no json").body()).contains("\"status\":\"unreadable\"");
            assertThat(signed(gateway, "{\"event\":\"OTHER\",\"data\":{\"orderId\":1}}")
                            .body())
                    .contains("\"status\":\"accepted\"", "\"targets\":0");
            HttpResponse<String> taken =
                    signed(gateway, "{\"event\":\"ORDER_X\",\"data\":{\"orderId\":1,\"number\":0}}");
            assertThat(taken.body()).contains("\"status\":\"accepted\"", "\"targets\":1");
            await().atMost(PATIENCE).until(() -> target.delivered() == 1);

            assertThat(gateway.metric(
                            "sluice_events_total{reason=\"signature-malformed\",result=\"rejected\",source=\"shop\"}"))
                    .isEqualTo(1);
            // The odd ones were one event, sent several times.
            assertThat(gateway.metric("sluice_events_total{reason=\"no-target\",result=\"accepted\",source=\"shop\"}"))
                    .isEqualTo(2);
            await().atMost(PATIENCE)
                    .until(() -> gateway.metric("sluice_deliveries_total{outcome=\"delivered\",target=\"erp\"}") == 1);
            assertThat(gateway.logged())
                    .contains("\"message\":\"delivered\"", "\"target\":\"erp\"", "\"message\":\"rejected\"")
                    .doesNotContain(Shop.SECRET, Shop.TARGET_SECRET, "no json");
        }
    }

    private static HttpResponse<String> post(Gateway gateway, Message message) throws Exception {
        String body = new String(message.body(), StandardCharsets.UTF_8);
        return post(gateway, "shop", body, RecordingTarget.sign(Shop.SECRET, message.body()));
    }

    private static HttpResponse<String> signed(Gateway gateway, String body) throws Exception {
        return post(gateway, "shop", body, RecordingTarget.sign(Shop.SECRET, body.getBytes(StandardCharsets.UTF_8)));
    }

    private static HttpResponse<String> post(Gateway gateway, String source, String body, String signature)
            throws Exception {
        return post(gateway, source, HttpRequest.BodyPublishers.ofString(body), signature, "application/json");
    }

    private static HttpResponse<String> post(
            Gateway gateway, String source, HttpRequest.BodyPublisher body, String signature, String contentType)
            throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(gateway.in(source))
                        .header("X-Signature", signature)
                        .header("Content-Type", contentType)
                        .timeout(Duration.ofSeconds(5))
                        .POST(body)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A body whose length the request does not tell. */
    private static HttpRequest.BodyPublisher chunked(String body) {
        return HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(body));
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
