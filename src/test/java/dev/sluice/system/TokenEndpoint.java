package dev.sluice.system;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The token endpoint of an authorization server (RFC 6749): each token is another one, and does not live long. */
final class TokenEndpoint implements AutoCloseable {
    /** Never answers. */
    static final int HANG = 0;

    /** What every token begins with. */
    static final String TOKEN = "t0ken-";

    private final HttpServer server;
    private final Duration life;
    private final List<Asked> asked = new ArrayList<>();
    private final Map<String, Long> expiring = new ConcurrentHashMap<>();
    private volatile int status = 200;

    /**
     * One request.
     *
     * @param authorization who asks
     * @param at when it came, in ns
     */
    record Asked(String authorization, MultiMap form, long at) {}

    TokenEndpoint(Vertx vertx, Duration life) {
        this.life = life;
        server = vertx.createHttpServer()
                .requestHandler(request -> {
                    request.setExpectMultipart(true);
                    request.end().onSuccess(nothing -> answer(request));
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/token";
    }

    /** Answers with this status from now on, or not at all. */
    void answering(int status) {
        this.status = status;
    }

    List<Asked> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    /** Whether an Authorization header bears a token that has not expired at this moment, which is in ns. */
    boolean isGood(String authorization, long at) {
        Long until = expiring.get(authorization.replaceFirst("^Bearer ", ""));
        return authorization.startsWith("Bearer ") && until != null && at - until < 0;
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    private void answer(HttpServerRequest request) {
        int number;
        synchronized (asked) {
            asked.add(new Asked(request.getHeader("Authorization"), request.formAttributes(), System.nanoTime()));
            number = asked.size();
        }
        if (status == 200) {
            String token = TOKEN + number;
            expiring.put(token, System.nanoTime() + life.toNanos());
            request.response()
                    .putHeader("Content-Type", "application/json")
                    .end(new JsonObject()
                            .put("access_token", token)
                            .put("token_type", "Bearer")
                            .put("expires_in", life.toSeconds())
                            .encode());
        } else if (status != HANG) {
            request.response()
                    .setStatusCode(status)
                    .end("{\"error\":\"invalid_client\",\"error_description\":\"" + TOKEN + "\"}");
        }
    }
}
