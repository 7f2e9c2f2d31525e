package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway tells of an event to those who look on: traces and lines of JSON. */
class ObservedIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String OF_THE_JVM = "WARNING: ";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget erp = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final List<byte[]> traces = new CopyOnWriteArrayList<>();

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private HttpServer collector;
    private EmbeddedRedis redis;
    private Gateway gateway;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            traces.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "");
        Map<String, String> settings = new HashMap<>(Shop.settings(Map.of("erp", erp), "1s"));
        settings.put(
                "quarkus.otel.exporter.otlp.endpoint",
                "http://127.0.0.1:" + collector.getAddress().getPort());
        settings.put("quarkus.otel.exporter.otlp.protocol", "http/protobuf");
        settings.put("quarkus.otel.exporter.otlp.compression", "none");
        settings.put("quarkus.otel.bsp.schedule.delay", "100ms");
        gateway = new Gateway(directory.resolve("gateway"), redis.uri(), settings);
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
        collector.stop(0);
        erp.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void theTraceOfASenderGoesOnToTheTargetAndIsExported() throws Exception {
        String event = send();
        await().atMost(PATIENCE).until(() -> erp.delivered() == 1);
        await().atMost(PATIENCE)
                .until(() -> traces.stream()
                        .map(ObservedIT::hex)
                        .anyMatch(batch -> batch.contains(TRACE)
                                && batch.contains(hex("deliver erp".getBytes(StandardCharsets.UTF_8)))
                                && batch.contains(hex(event.getBytes(StandardCharsets.UTF_8)))));
    }

    @Test
    void everyLineOfTheLogIsJsonAndThoseOfAnEventBearItsId() throws Exception {
        String event = send();
        await().atMost(PATIENCE).until(() -> steps(event).contains("delivered"));
        assertThat(steps(event)).containsExactly("accepted", "delivered");
    }

    private String send() throws Exception {
        byte[] body = new Message("o-1", 1).body();
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(gateway.in("shop"))
                                .header("Content-Type", "application/json")
                                .header("X-Signature", RecordingTarget.sign(Shop.SECRET, body))
                                .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return JSON.readTree(answer.body()).get("id").asText();
    }

    /** Fails on a line that is no JSON. */
    private List<String> steps(String event) throws IOException {
        String logged = gateway.loggedSinceStart();
        // What stands behind the last of them is a line that is being written.
        return logged.substring(0, logged.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> !line.startsWith(OF_THE_JVM))
                .map(ObservedIT::json)
                .filter(line -> line.at("/mdc/event").asText().equals(event))
                .map(line -> line.path("message").asText())
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            assertThat(node.path("level").asText()).as(line).isNotEmpty();
            return node;
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
