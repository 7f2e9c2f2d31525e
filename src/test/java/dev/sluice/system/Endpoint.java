package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** A developer's endpoint: keeps every request whole, and answers as it is told to. */
final class Endpoint implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final boolean secure;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Received> received = new ArrayList<>();
    private volatile Function<Received, CompletionStage<Integer>> behaviour;

    /**
     * One request.
     *
     * @param query the part of the URI behind the question mark, empty without one
     * @param at when it had been read, in ns
     * @param version the protocol it came by
     */
    record Received(String path, String query, HttpHeaders headers, String body, long at, HttpVersion version) {
        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        JsonNode data() {
            try {
                return JSON.readTree(body).path("data");
            } catch (IOException e) {
                throw new IllegalStateException(body, e);
            }
        }

        /** What is numbered in the data. */
        int number() {
            return data().path("number").asInt(-1);
        }

        String order() {
            return data().path("orderId").asText();
        }

        byte[] bytes() {
            return body.getBytes(StandardCharsets.UTF_8);
        }

        /** Checks the signature with two verifiers that are not ours; they throw when it does not fit. */
        void verify(String secret) throws Exception {
            new com.standardwebhooks.Webhook(secret).verify(body, headers.map());
            new com.svix.Webhook(secret).verify(body, headers);
        }
    }

    Endpoint(Vertx vertx) {
        this(vertx, "127.0.0.1", 0);
    }

    Endpoint(Vertx vertx, String address, int port) {
        this(vertx, address, port, new HttpServerOptions());
    }

    /** One over TLS, or in some other way of its own. */
    Endpoint(Vertx vertx, HttpServerOptions options) {
        this(vertx, "127.0.0.1", 0, options);
    }

    private Endpoint(Vertx vertx, String address, int port, HttpServerOptions options) {
        answering(200);
        secure = options.isSsl();
        server = vertx.createHttpServer(options)
                .connectionHandler(connection -> connections.incrementAndGet())
                .requestHandler(request -> request.body().onSuccess(body -> answer(request, body)))
                .listen(port, address)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** Answers every request with this status. */
    Endpoint answering(int status) {
        return answering(request -> status);
    }

    /** Answers each request as this decides. */
    Endpoint answering(ToIntFunction<Received> decision) {
        return answeringLater(request -> CompletableFuture.completedFuture(decision.applyAsInt(request)));
    }

    /** Answers each request when this completes; a 429 asks for a pause of a minute. */
    Endpoint answeringLater(Function<Received, CompletionStage<Integer>> decision) {
        behaviour = decision;
        return this;
    }

    int port() {
        return server.actualPort();
    }

    String url() {
        return url("/hook");
    }

    String url(String path) {
        return (secure ? "https" : "http") + "://127.0.0.1:" + server.actualPort() + path;
    }

    List<Received> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    /** How many connections were opened to it. */
    int connections() {
        return connections.get();
    }

    int count() {
        return received().size();
    }

    /** Waits for the one request that is to come. */
    Received only() {
        await().atMost(PATIENCE).until(() -> count() > 0);
        assertThat(received()).hasSize(1);
        return received().get(0);
    }

    /** What came later than this after a moment, which is in ns. */
    List<Received> since(long nanos, Duration grace) {
        return received().stream()
                .filter(request -> request.at() - nanos > grace.toNanos())
                .toList();
    }

    /** How often the event of that number came. */
    long attempts(int number) {
        return received().stream().filter(request -> request.number() == number).count();
    }

    /** The numbers in all that came, each at its first coming, in the order of their coming. */
    List<Integer> numbers() {
        return received().stream().map(Received::number).distinct().toList();
    }

    /** The numbers in what came for an order, each at its first coming, in the order of their coming. */
    List<Integer> numbers(String order) {
        return received().stream()
                .filter(request -> request.order().equals(order))
                .map(Received::number)
                .distinct()
                .toList();
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    private void answer(HttpServerRequest request, Buffer body) {
        Map<String, List<String>> headers = new HashMap<>();
        request.headers()
                .forEach(header -> headers.computeIfAbsent(header.getKey(), name -> new ArrayList<>())
                        .add(header.getValue()));
        Received one = new Received(
                request.path(),
                Objects.requireNonNullElse(request.query(), ""),
                HttpHeaders.of(headers, (name, value) -> true),
                body.toString(StandardCharsets.UTF_8),
                System.nanoTime(),
                request.version());
        synchronized (received) {
            received.add(one);
        }
        behaviour.apply(one).thenAccept(status -> {
            if (status == 429) {
                request.response().putHeader("Retry-After", "60");
            }
            request.response().setStatusCode(status).end();
        });
    }
}
