package dev.sluice.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Figures for the docs: what ten thousand registered webhooks cost, beside ten, in one run. It asserts nothing, so no
 * profile runs it: {@code ./mvnw verify -DskipUnitTests=true -Dit.argLine=-Xmx4g -Dit.test=WebhookFigures} does, on a machine that does
 * nothing else.
 */
class WebhookFigures {
    private static final int FEW = 10;
    private static final int MANY = 10_000;
    private static final int ROUNDS = 5;
    private static final int PUBLISHED_A_ROUND = 1_000;
    private static final String KEY = "figures";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void tenBesideTenThousand() throws Exception {
        Path directory = Path.of("target", "system", "figures");
        Vertx vertx = Vertx.vertx();
        RecordingTarget endpoint = new RecordingTarget(vertx, "none of these");
        Map<String, String> settings = Map.of(
                "sluice.api.encryption-key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                "sluice.address-guard.allow", "127.0.0.1",
                "sluice.api.keys.figures.sha256", sha256(KEY),
                "sluice.api.keys.figures.roles", "manage,publish");
        try (EmbeddedRedis few = EmbeddedRedis.start(directory.resolve("few-redis"), "--save", "");
                EmbeddedRedis many = EmbeddedRedis.start(directory.resolve("many-redis"), "--save", "");
                Gateway withFew = Gateway.asShipped(directory.resolve("few"), few.uri(), settings);
                Gateway withMany = Gateway.asShipped(directory.resolve("many"), many.uri(), settings)) {
            long redisBefore = redisMemory(many);
            long heapBefore = Jvm.heap(withMany);
            register(withFew, endpoint, FEW);
            register(withMany, endpoint, MANY);
            long redisBytes = (redisMemory(many) - redisBefore) / MANY;
            long heapBytes = (Jvm.heap(withMany) - heapBefore) / MANY;
            publish(withFew, PUBLISHED_A_ROUND);
            publish(withMany, PUBLISHED_A_ROUND);
            List<Long> fewNanos = new ArrayList<>();
            List<Long> manyNanos = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                fewNanos.addAll(publish(withFew, PUBLISHED_A_ROUND));
                manyNanos.addAll(publish(withMany, PUBLISHED_A_ROUND));
            }
            tellOfOneThatAllWant(withMany, endpoint);
            System.out.printf("memory per webhook: gateway's heap %d bytes, Redis %d bytes%n", heapBytes, redisBytes);
            tell(FEW, fewNanos);
            tell(MANY, manyNanos);
        } finally {
            endpoint.close();
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    private void tellOfOneThatAllWant(Gateway gateway, RecordingTarget endpoint) throws Exception {
        int before = endpoint.requests();
        long begun = System.nanoTime();
        post(gateway, "/events", event("FOR_ALL", 0), 202);
        long accepted = System.nanoTime();
        List<Long> others = new ArrayList<>();
        while (endpoint.requests() < before + MANY + others.size()) {
            others.addAll(publish(gateway, 1));
        }
        System.out.printf(
                "one event that all %d want: accepted after %.2f s, delivered after %.2f s; published meanwhile:%n",
                MANY, (accepted - begun) / 1e9, (System.nanoTime() - begun) / 1e9);
        tell(MANY, others);
    }

    /** In the form of the tests' messages, which the endpoint reads. */
    private static String event(String type, int order) {
        return "{\"event\":\"" + type + "\",\"data\":{\"orderId\":\"o-" + order + "\",\"number\":0}}";
    }

    private static void tell(int webhooks, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "POST /events with %d webhooks, one of which wants the event: p50 %.2f ms, p99 %.2f ms%n",
                webhooks, sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6);
    }

    /** Each of them wants types of its own, the first those that are published, and all of them one. */
    private void register(Gateway gateway, RecordingTarget endpoint, int count) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String body =
                        "{\"url\":\"" + endpoint.url() + "/" + i + "\",\"events\":[\"ORDER_" + i + "_*\",\"FOR_ALL\"]}";
                all.add(workers.submit(() -> post(gateway, "/webhooks", body, 201)));
            }
            for (Future<?> each : all) {
                each.get(5, TimeUnit.MINUTES);
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private List<Long> publish(Gateway gateway, int count) throws Exception {
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long begun = System.nanoTime();
            post(gateway, "/events", event("ORDER_0_PAID", i), 202);
            nanos.add(System.nanoTime() - begun);
        }
        return nanos;
    }

    private JsonNode post(Gateway gateway, String path, String body, int expected) throws Exception {
        URI uri = gateway.in("x").resolve(path);
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(uri)
                        .header("Authorization", "Bearer " + KEY)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != expected) {
            throw new IllegalStateException(response.statusCode() + " " + response.body());
        }
        return new ObjectMapper().readTree(response.body());
    }

    private static long redisMemory(EmbeddedRedis redis) throws IOException {
        return Awaitility.await().until(() -> RedisInfo.figure(redis, "memory", "used_memory"), bytes -> bytes > 0);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
