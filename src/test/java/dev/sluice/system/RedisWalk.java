package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.redis.Script;
import dev.sluice.system.ApiClient.Registered;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Has two gateways do all that gateways do with a Redis: behind it every script has run there. */
final class RedisWalk {
    static final Path SCRIPTS = Path.of("src", "main", "resources", "lua");

    /** More than one step takes. */
    private static final int WIDE = 101;

    private final Vertx vertx;
    private final Path directory;
    private final String redis;

    RedisWalk(Vertx vertx, Path directory, String redis) {
        this.vertx = vertx;
        this.directory = directory;
        this.redis = redis;
    }

    /** Goes it.
     *
     * @param look at the same Redis, with all rights
     */
    void go(RedisLook look) throws Exception {
        try (RecordingTarget erp = new RecordingTarget(vertx, Shop.TARGET_SECRET);
                Endpoint endpoint = new Endpoint(vertx);
                Endpoint hanging = new Endpoint(vertx).answeringLater(request -> new CompletableFuture<>())) {
            Map<String, String> settings = settings(erp, endpoint, hanging);
            try (Gateway one = new Gateway(directory.resolve("one"), redis, settings);
                    Gateway two = new Gateway(directory.resolve("two"), redis, settings)) {
                deliver(one, two, erp);
                publish(one, endpoint);
                pause(one, two, endpoint);
                hang(one, two, hanging);
                two.close();
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(unknown(look)).isEmpty());
                assertThat(one.loggedSinceStart() + two.loggedSinceStart()).doesNotContain("Redis refused");
            }
        }
    }

    private static Map<String, String> settings(RecordingTarget erp, Endpoint endpoint, Endpoint hanging) {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.putAll(Shop.settings(Map.of("erp", erp), "400ms"));
        settings.put("sluice.targets.erp.sources", "shop");
        // Longer than a third of a lease, after which it is renewed.
        settings.put("sluice.targets.erp.timeout", "5s");
        settings.put("sluice.publish.history", "1h");
        settings.put("sluice.publish.retention", "1h");
        settings.put("sluice.webhooks.disable-after", "1h");
        // Fewer calls to count what waits for so many targets.
        settings.put("sluice.lanes.partitions", "4");
        settings.put("quarkus.shutdown.timeout", "1s");
        for (int i = 0; i < WIDE; i++) {
            target(settings, "wide" + i, endpoint.url("/wide"), "WIDE");
        }
        target(settings, "paced", endpoint.url("/paced"), "PACED");
        settings.put("sluice.targets.paced.rate-limit.max", "1000");
        settings.put("sluice.targets.paced.rate-limit.scope", "cluster");
        target(settings, "hanging", hanging.url(), "HANGING");
        settings.put("sluice.targets.hanging.timeout", "1m");
        return settings;
    }

    private static void target(Map<String, String> settings, String name, String url, String event) {
        settings.put("sluice.targets." + name + ".url", url);
        settings.put("sluice.targets." + name + ".sources", "publish");
        settings.put("sluice.targets." + name + ".events", event);
    }

    /** What is sent in comes out in order, also where it fails now and then, and where a gateway dies with it. */
    private static void deliver(Gateway one, Gateway two, RecordingTarget erp) throws Exception {
        erp.failing(0.2, 7);
        Sender sender = new Sender(List.of(() -> one.in("shop"), () -> two.in("shop")), Shop.SIGNER);
        sender.send("order", 200, 20, 4, 5);
        await().atMost(PATIENCE).until(() -> erp.delivered() == 200);
        erp.answering(RecordingTarget.HANG);
        List<Sent> sent = new ArrayList<>(sender.answers());
        sent.addAll(new Sender(List.of(() -> two.in("shop")), Shop.SIGNER).send("late", 40, 20, 4, 5));
        await().atMost(PATIENCE).until(() -> two.metric("sluice_redis_seconds_count{script=\"renew\"}") > 0);
        two.kill();
        erp.answering(200);
        await().atMost(PATIENCE).until(() -> erp.delivered() == 240);
        assertThat(sent).extracting(Sent::status).contains("accepted", "duplicate");
        ArrivalCheck check = new ArrivalCheck(sent, erp.arrivals());
        assertThat(check.violations()).isEmpty();
        assertThat(check.hits()).isEmpty();
        two.start();
    }

    /** To a registered webhook, to many targets at once, to one at a rate that all keep to together. */
    private static void publish(Gateway one, Endpoint endpoint) {
        ApiClient manager = new ApiClient(one, MANAGER);
        ApiClient publisher = manager.with(PUBLISHER);
        Registered webhook = manager.register(endpoint.url("/hook"), "HOOK");
        manager.post(webhook.path() + "/secret", "");
        String body = ApiClient.event("HOOK", "o", 0);
        String first = publisher.publish(body, "Idempotency-Key", "once").text("id");
        assertThat(publisher.publish(body, "Idempotency-Key", "once").text("id"))
                .isEqualTo(first);
        await().atMost(PATIENCE)
                .until(() -> publisher.get("/events/" + first).body().contains("\"delivered\""));
        publisher.publish("WIDE", "o", 0);
        publisher.publish("PACED", "o", 0);
        await().atMost(PATIENCE).until(() -> endpoint.count() == 1 + WIDE + 1);
    }

    private static void pause(Gateway one, Gateway two, Endpoint endpoint) {
        ApiClient operator = new ApiClient(one, OPERATOR);
        int before = endpoint.count();
        assertThat(operator.post("/ops/targets/paced/pause", "").status()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> two.metric("sluice_target_paused{target=\"paced\"}") == 1);
        operator.with(PUBLISHER).publish("PACED", "o", 1);
        operator.with(PUBLISHER).publish("PACED", "o", 2);
        look(operator, operator.get("/ops/lanes?target=paced").json().at("/lanes/0"));
        setAsideAndPutBack(operator);
        assertThat(operator.with(OPERATOR).post("/ops/targets/paced/resume", "").status())
                .isEqualTo(200);
        // These two, and the one before them once more.
        await().atMost(PATIENCE).until(() -> endpoint.count() == before + 3);
    }

    private static void look(ApiClient operator, JsonNode lane) {
        String path = "/ops/lanes/" + lane.path("id").asText();
        assertThat(operator.get(path).status()).isEqualTo(200);
        assertThat(operator.post(path + "/retry", "").status()).isEqualTo(200);
        assertThat(operator.post(path + "/skip", "{\"event\":" + lane.path("head") + "}")
                        .status())
                .isEqualTo(200);
    }

    private static void setAsideAndPutBack(ApiClient operator) {
        JsonNode letter = operator.get("/ops/dead-letters?target=paced").json().at("/deadLetters/0");
        String path = "/ops/dead-letters/" + letter.path("id").asText();
        assertThat(operator.get(path).status()).isEqualTo(200);
        assertThat(operator.finished("/ops/dead-letters/redrive", "{\"ids\":[" + letter.path("id") + "]}")
                        .path("moved")
                        .asInt())
                .isOne();
        assertThat(operator.delete(path).status()).isEqualTo(204);
        assertThat(operator.finished("/ops/targets/paced/replay", "{\"since\":\"2000-01-01T00:00:00Z\"}")
                        .path("moved")
                        .asInt())
                .isOne();
    }

    /** What waits is counted; of a webhook that is unsubscribed nothing is left; attempts of a gateway that stops are cut. */
    private static void hang(Gateway one, Gateway two, Endpoint hanging) {
        ApiClient manager = new ApiClient(one, MANAGER);
        Registered webhook = manager.register(hanging.url(), "HUNG");
        new ApiClient(two, MANAGER).awaitKnown(webhook);
        IntStream.range(0, 200).forEach(order -> manager.with(PUBLISHER).publish("HUNG", "o-" + order, order));
        await().atMost(PATIENCE)
                .until(() -> Stream.of(one, two)
                        .anyMatch(gateway -> gateway.metric("sluice_lanes{state=\"ready\",target=\"webhooks\"}") > 0));
        String waiting = manager.with(PUBLISHER).publish("HUNG", "o-1", 201).text("id");
        assertThat(manager.with(PUBLISHER).get("/events/" + waiting).status()).isEqualTo(200);
        manager.delete(webhook.path());
        int requests = hanging.count();
        new ApiClient(two, PUBLISHER).publish("HANGING", "o", 0);
        await().atMost(PATIENCE).until(() -> hanging.count() > requests);
    }

    /** The scripts that Redis has not seen. */
    private static List<String> unknown(RedisLook look) throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.map(file -> file.getFileName().toString().replace(".lua", ""))
                    .filter(name -> !name.equals("common"))
                    .filter(name -> !isKnown(look, name))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isKnown(RedisLook look, String script) {
        Response known = look.run(Command.SCRIPT, "EXISTS", Script.named(script).sha1());
        return known.get(0).toInteger() == 1;
    }
}
