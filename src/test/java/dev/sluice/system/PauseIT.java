package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Targets from configuration that an operator pauses, and resumes. */
class PauseIT {
    /** What a target shows for which nothing waits. */
    private static final String NOTHING = "\"backlog\":{\"events\":0,\"bytes\":0},"
            + "\"lanes\":{\"ready\":0,\"leased\":0,\"waiting\":0,\"parked\":0},\"deadLetters\":{\"events\":0}}";

    private static final int ORDERS = 20;
    private static final Duration A_WHILE = Duration.ofSeconds(3);
    private static final Path DIRECTORY = Path.of("target", "system", "pause");
    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private static RedisLook look;
    private Endpoint erp;
    private Endpoint crm;
    private Gateway one;
    private Gateway two;

    @BeforeAll
    static void startRedis() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        look = new RedisLook(VERTX, redis.uri());
    }

    @BeforeEach
    void startGateways() {
        look.run(Command.FLUSHALL);
        erp = new Endpoint(VERTX);
        crm = new Endpoint(VERTX);
        one = gateway("one");
        two = gateway("two");
    }

    @AfterEach
    void stopGateways() {
        one.close();
        two.close();
        erp.close();
        crm.close();
    }

    @AfterAll
    static void stopRedis() {
        look.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whileItIsPausedItsEventsWaitAtEveryGatewayAndThenTheyComeInOrder() {
        publish(one, 0);
        await().atMost(PATIENCE).until(() -> erp.count() == ORDERS);
        pause(one);
        await().atMost(PATIENCE).until(() -> isPaused(one) && isPaused(two));
        assertThat(one.metric("sluice_delivery_room{target=\"erp\"}")).isZero();
        assertThat(two.metric("sluice_delivery_room{target=\"erp\"}")).isZero();
        publish(two, 1);
        publish(one, 2);
        await().atMost(PATIENCE).until(() -> crm.count() == 3 * ORDERS);

        // Also who comes later knows, and nobody looks for what may not be sent.
        one.close();
        two.close();
        one = gateway("three");
        await().atMost(PATIENCE).until(() -> isPaused(one));
        publish(one, 3);
        await().atMost(PATIENCE).until(() -> crm.count() == 4 * ORDERS);
        AtomicReference<Double> claims = new AtomicReference<>(claims());
        await().atMost(PATIENCE).pollInterval(A_WHILE).until(() -> claims.getAndSet(claims()) == claims());
        assertThat(erp.count()).isEqualTo(ORDERS);

        assertThat(operator(one).post("/ops/targets/erp/resume", "").body())
                .startsWith("{\"name\":\"erp\",\"paused\":false,\"circuit\":\"closed\",");
        await().atMost(PATIENCE).until(() -> erp.count() == 4 * ORDERS);
        assertThat(IntStream.range(0, ORDERS))
                .allSatisfy(order -> assertThat(erp.numbers("o-" + order)).containsExactly(0, 1, 2, 3));
        assertThat(erp.received())
                .extracting(request -> request.header("Webhook-Attempt"))
                .containsOnly("1");
    }

    @Test
    void whatAnotherGatewayResumesIsSentByAll() {
        pause(one);
        await().atMost(PATIENCE).until(() -> isPaused(two));
        publish(one, 0);
        for (Gateway gateway : List.of(one, two)) {
            assertThat(operator(gateway).get("/ops/targets").json().findValuesAsText("pausedBecause"))
                    .containsExactly("paused by operator");
        }
        operator(two).post("/ops/targets/erp/resume", "");
        await().atMost(PATIENCE).until(() -> !isPaused(one) && !isPaused(two));
        await().atMost(PATIENCE).until(() -> erp.count() == ORDERS);
        // Nothing of the pause is left in the lanes.
        two.kill();
        publish(one, 1);
        await().atMost(PATIENCE).until(() -> erp.count() == 2 * ORDERS);
    }

    @Test
    void whatIsBeingRetriedWaitsAsWell() {
        erp.answering(500);
        new ApiClient(one, PUBLISHER).publish("ORDER", "o", 0);
        await().atMost(PATIENCE).until(() -> erp.count() > 1);
        pause(two);
        await().atMost(PATIENCE).until(() -> isPaused(one));
        int attempts = erp.count();
        await().pollDelay(A_WHILE).atMost(PATIENCE).until(() -> true);
        // One may have been under way.
        assertThat(erp.count()).isBetween(attempts, attempts + 1);
        erp.answering(200);
        operator(two).post("/ops/targets/erp/resume", "");
        await().atMost(PATIENCE).until(() -> delivered() == 1);
        List<Received> received = erp.received();
        assertThat(received.get(received.size() - 1).header("Webhook-Attempt"))
                .isEqualTo(Integer.toString(received.size()));
    }

    @Test
    void onlyTargetsFromConfigurationArePaused() {
        Answer paused = pause(one);
        String erpPaused =
                "{\"name\":\"erp\",\"paused\":true,\"pausedBecause\":\"paused by operator\",\"circuit\":\"closed\","
                        + NOTHING;
        assertThat(paused.body()).isEqualTo(erpPaused);
        assertThat(pause(two).body()).isEqualTo(erpPaused);
        for (Gateway gateway : List.of(one, two)) {
            assertThat(operator(gateway).get("/ops/targets").body())
                    .isEqualTo("{\"targets\":[{\"name\":\"crm\",\"paused\":false,\"circuit\":\"closed\"," + NOTHING
                            + "," + erpPaused
                            + "],\"webhooks\":{\"name\":\"webhooks\",\"paused\":false,\"circuit\":\"closed\"," + NOTHING
                            + "}");
        }
        for (String name : List.of("nobody", "webhooks", "wh_AAECAwQFBgcICQoLDA0O")) {
            operator(one).post("/ops/targets/" + name + "/pause", "").assertProblem("urn:sluice:unknown-target");
            operator(one).post("/ops/targets/" + name + "/resume", "").assertProblem("urn:sluice:unknown-target");
        }
        assertThat(one.logged()).contains("\"message\":\"target paused\"").contains("\"key\":\"operator\"");
    }

    private Answer pause(Gateway gateway) {
        Answer answer = operator(gateway).post("/ops/targets/erp/pause", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static ApiClient operator(Gateway gateway) {
        return new ApiClient(gateway, OPERATOR);
    }

    private static boolean isPaused(Gateway gateway) {
        return gateway.metric("sluice_target_paused{target=\"erp\"}") == 1;
    }

    private double claims() {
        return one.metric("sluice_redis_seconds_count{script=\"claim\"}");
    }

    private double delivered() {
        String metric = "sluice_deliveries_total{outcome=\"delivered\",target=\"erp\"}";
        return one.metric(metric) + two.metric(metric);
    }

    private static void publish(Gateway gateway, int number) {
        for (int order = 0; order < ORDERS; order++) {
            new ApiClient(gateway, PUBLISHER).publish("ORDER", "o-" + order, number);
        }
    }

    private Gateway gateway(String name) {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.targets.erp.url", erp.url());
        settings.put("sluice.targets.crm.url", crm.url());
        return new Gateway(DIRECTORY.resolve(name), redis.uri(), settings);
    }
}
