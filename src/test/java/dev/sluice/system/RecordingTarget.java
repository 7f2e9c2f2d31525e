package dev.sluice.system;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A real HTTP server that logs every request it gets, with its start and end, and answers as it is told to. */
public final class RecordingTarget implements AutoCloseable {
    /** Never answers. */
    public static final int HANG = 0;

    /** Closes the connection instead of answering. */
    public static final int CLOSE = -1;

    private static final int ANY_PORT = 0;

    private final Vertx vertx;
    private final String secret;
    private final HttpServer server;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Set<Arrival> open = new HashSet<>();
    private volatile ToIntFunction<Message> behaviour = message -> 200;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Duration delay = Duration.ofMillis(0);
    private volatile String retryAfter = "";

    public RecordingTarget(Vertx vertx, String secret) {
        this(vertx, secret, ANY_PORT);
    }

    RecordingTarget(Vertx vertx, String secret, int port) {
        this.vertx = vertx;
        this.secret = secret;
        this.server = vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(0))
                .requestHandler(request -> {
                    long began = System.nanoTime();
                    request.body().onSuccess(body -> arrived(request, body, began));
                })
                .listen(port, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** Answers every request with this status. */
    public RecordingTarget answering(int status) {
        behaviour = message -> status;
        return this;
    }

    /** Answers every request with 429 and this Retry-After. */
    public RecordingTarget askingForAPause(String value) {
        retryAfter = value;
        return answering(429);
    }

    /** Answers every request with 200, after a while. */
    public RecordingTarget answeringAfter(Duration delay) {
        return taking(delay).answering(200);
    }

    /** Takes its time for each answer. */
    public RecordingTarget taking(Duration time) {
        this.delay = time;
        return this;
    }

    /** Answers each request as it is told then. */
    public RecordingTarget answering(ToIntFunction<Message> statuses) {
        behaviour = statuses;
        return this;
    }

    /** Answers 500 to a random share of the requests. */
    public RecordingTarget failing(double share, long seed) {
        Random random = new Random(seed);
        behaviour = message -> random.nextDouble() < share ? 500 : 200;
        return this;
    }

    public String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/hook";
    }

    public List<Arrival> arrivals() {
        synchronized (arrivals) {
            return List.copyOf(arrivals);
        }
    }

    /** The same, and the requests that are neither answered nor closed. */
    public List<Arrival> arrivalsSoFar() {
        synchronized (arrivals) {
            return Stream.concat(arrivals.stream(), open.stream()).toList();
        }
    }

    /** How many requests have come, answered or not. */
    public int requests() {
        return requests.get();
    }

    public long delivered() {
        return arrivals().stream()
                .filter(arrival -> arrival.status() == 200)
                .map(Arrival::message)
                .distinct()
                .count();
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    private void arrived(HttpServerRequest request, Buffer body, long began) {
        requests.incrementAndGet();
        Message message = Message.of(body.getBytes());
        int status = behaviour.applyAsInt(message);
        Arrival begun = new Arrival(
                message,
                request.getHeader("Webhook-Id"),
                Long.parseLong(request.getHeader("Webhook-Sequence")),
                began,
                Long.MAX_VALUE,
                HANG,
                sign(secret, body.getBytes()).equals(request.getHeader("X-Signature")),
                Optional.ofNullable(request.getHeader(Arrival.GATEWAY)).orElse(""));
        synchronized (arrivals) {
            open.add(begun);
        }
        request.connection().closeHandler(nothing -> ended(begun, HANG));
        if (status == CLOSE) {
            request.connection().close();
        } else if (status != HANG) {
            Runnable answer = () -> {
                // Logged before the answer leaves: whoever acts on the answer comes after it.
                ended(begun, status);
                if (status == 429) {
                    request.response().putHeader("Retry-After", retryAfter);
                }
                request.response().setStatusCode(status).end();
            };
            if (delay.isZero()) {
                answer.run();
            } else {
                vertx.setTimer(delay.toMillis(), timer -> answer.run());
            }
        }
    }

    private void ended(Arrival begun, int status) {
        synchronized (arrivals) {
            if (open.remove(begun)) {
                arrivals.add(begun.ended(System.nanoTime(), status));
            }
        }
    }

    public static String sign(String secret, byte[] body) {
        return "sha256=" + HexFormat.of().formatHex(hmac(secret, body));
    }

    public static byte[] hmac(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
