package dev.sluice.deploy;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Gateway;
import dev.sluice.system.KeptDirectory;
import dev.sluice.system.Message;
import dev.sluice.system.RecordingTarget;
import dev.sluice.system.Shop;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A gateway tells all that dashboard, alerts and autoscaler ask for, and Prometheus understands what they ask. */
class MonitoringIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget erp = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final RecordingTarget crm = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(500);
    private int number;

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private EmbeddedRedis redis;
    private Gateway gateway;

    /** One target takes everything, one nothing, and Redis has a limit. */
    @BeforeEach
    void start() {
        redis = EmbeddedRedis.start(
                directory.resolve("redis"), "--save", "", "--maxmemory", "200mb", "--maxmemory-policy", "noeviction");
        Map<String, String> settings = new HashMap<>(Shop.settings(Map.of("erp", erp, "crm", crm), "100ms"));
        settings.put("sluice.api.keys.operator.sha256", "a".repeat(64));
        settings.put("sluice.api.keys.operator.roles", "operate");
        gateway = new Gateway(directory.resolve("gateway"), redis.uri(), settings);
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
        erp.close();
        crm.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void tellsEveryMetricThatIsAskedFor() throws Exception {
        Set<String> asked = Stream.of(Query.ofPanels(), Query.ofAlerts(), Query.ofAutoscaler())
                .flatMap(List::stream)
                .flatMap(query -> query.metrics().stream())
                .collect(toSet());
        assertThat(asked).hasSizeGreaterThan(20);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            beBusy();
            assertThat(missing(asked)).isEmpty();
        });
    }

    /** What it was told last may be long over: nobody is to scale, or to sleep, by it. */
    @Test
    void tellsNothingOfWhatWaitsWhileRedisIsAway() {
        await().atMost(Duration.ofSeconds(60)).until(() -> gateway.metric("sluice_redis_up") == 1 && tellsOfRedis());
        redis.close();
        await().atMost(Duration.ofSeconds(60)).until(() -> gateway.metric("sluice_redis_up") == 0 && !tellsOfRedis());
        redis = EmbeddedRedis.start(directory.resolve("redis"), redis.port(), "--save", "");
        await().atMost(Duration.ofSeconds(60)).until(() -> gateway.metric("sluice_redis_up") == 1 && tellsOfRedis());
    }

    private boolean tellsOfRedis() {
        return Stream.of("sluice_backlog_events{", "sluice_lane_ready_age_seconds{", "sluice_redis_memory_bytes{")
                .allMatch(gateway.metrics()::contains);
    }

    /** The names of the metrics alone do not tell whether their labels are there as well. */
    @Test
    @Tag("deploy")
    void everyPanelHasSomethingToShowAndTheAutoscalerAFigure() throws Exception {
        try (Prometheus prometheus = Prometheus.scraping(gateway.metricsUri(), directory.resolve("prometheus"))) {
            List<Query> queries = new ArrayList<>(Query.ofPanels());
            queries.addAll(Query.ofAutoscaler());
            await().atMost(Duration.ofSeconds(120)).untilAsserted(() -> {
                beBusy();
                List<String> unanswered = new ArrayList<>();
                for (Query query : queries) {
                    if (prometheus.answers(query.promql()) == 0) {
                        unanswered.add(query.by() + ": " + query.promql());
                    }
                }
                assertThat(unanswered).isEmpty();
            });
            for (Query query : Query.ofAutoscaler()) {
                assertThat(prometheus.answers(query.promql())).as(query.by()).isEqualTo(1);
            }
        }
    }

    @Test
    @Tag("deploy")
    void everyAlertFiresWhenItShouldAndNotBefore() throws Exception {
        Prometheus.checkAlerts(directory);
    }

    /** Sends what is taken, what is not, and what is not even let in. */
    private void beBusy() throws IOException, InterruptedException {
        for (int i = 0; i < 5; i++) {
            byte[] body = new Message("o-" + number % 3, number++).body();
            assertThat(post(body, RecordingTarget.sign(Shop.SECRET, body))).isEqualTo(200);
        }
        assertThat(post(new byte[] {'{', '}'}, "sha256=00")).isEqualTo(401);
        // And who has tried too often is told so.
        assertThat(send(HttpRequest.newBuilder(gateway.uri("/ops/targets")).build()))
                .isIn(401, 429);
    }

    private int post(byte[] body, String signature) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(gateway.in("shop"))
                .header("Content-Type", "application/json")
                .header("X-Signature", signature)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    private static int send(HttpRequest request) throws IOException, InterruptedException {
        return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private Set<String> missing(Set<String> asked) {
        Set<String> told = gateway.metrics()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(toSet());
        Set<String> missing = new TreeSet<>(asked);
        missing.removeAll(told);
        return missing;
    }
}
