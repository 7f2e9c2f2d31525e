package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a gateway tells of an event to those who look on: traces and lines of JSON. */
class ObservedIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    /** Of gRPC: a flag, and a length of four bytes. */
    private static final int EMPTY_MESSAGE = 5;

    private static final String OF_THE_JVM = "WARNING: ";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget erp = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final List<byte[]> traces = new CopyOnWriteArrayList<>();

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private HttpServer collector;
    private EmbeddedRedis redis;

    @BeforeEach
    void start() {
        collector = vertx.createHttpServer()
                .requestHandler(this::collect)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "");
    }

    @AfterEach
    void stop() {
        redis.close();
        erp.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "http/protobuf"})
    void theTraceOfASenderGoesOnToTheTargetAndIsExported(String protocol) throws Exception {
        try (Gateway gateway = gateway(protocol)) {
            String event = send(gateway);
            await().atMost(PATIENCE).until(() -> erp.delivered() == 1);
            await().atMost(PATIENCE)
                    .until(() -> traces.stream()
                            .map(ObservedIT::hex)
                            .anyMatch(batch -> batch.contains(TRACE)
                                    && batch.contains(hex("deliver erp".getBytes(StandardCharsets.UTF_8)))
                                    && batch.contains(hex(event.getBytes(StandardCharsets.UTF_8)))));
        }
    }

    @Test
    void everyLineOfTheLogIsJsonAndThoseOfAnEventBearItsId() throws Exception {
        try (Gateway gateway = gateway("grpc")) {
            String event = send(gateway);
            await().atMost(PATIENCE).until(() -> steps(gateway, event).contains("delivered"));
            assertThat(steps(gateway, event)).containsExactly("accepted", "delivered");
        }
    }

    private Gateway gateway(String protocol) {
        Map<String, String> settings = new HashMap<>(Shop.settings(Map.of("erp", erp), "1s"));
        settings.put("quarkus.otel.exporter.otlp.endpoint", "http://127.0.0.1:" + collector.actualPort());
        settings.put("quarkus.otel.exporter.otlp.protocol", protocol);
        settings.put("quarkus.otel.bsp.schedule.delay", "100ms");
        return new Gateway(directory.resolve("gateway"), redis.uri(), settings);
    }

    /** As the OpenTelemetry protocol has it, over HTTP and over gRPC. */
    private void collect(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            boolean grpc = request.path().equals("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
            if (grpc || request.path().equals("/v1/traces")) {
                traces.add(body.getBytes());
            }
            if (grpc) {
                request.response()
                        .putHeader("Content-Type", "application/grpc")
                        .putTrailer("grpc-status", "0")
                        .end(Buffer.buffer(new byte[EMPTY_MESSAGE]));
            } else {
                request.response().end();
            }
        });
    }

    private static String send(Gateway gateway) throws Exception {
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
    private static List<String> steps(Gateway gateway, String event) throws IOException {
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
