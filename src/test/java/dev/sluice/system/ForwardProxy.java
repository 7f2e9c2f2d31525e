package dev.sluice.system;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An HTTP proxy that wants a password, and for which every host is on this machine. */
final class ForwardProxy implements AutoCloseable {
    private final String wanted;
    private final HttpServer server;
    private final NetClient tunnels;
    private final HttpClient client;
    private final List<String> asked = new ArrayList<>();

    ForwardProxy(Vertx vertx, String user, String password) {
        wanted = "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.US_ASCII));
        tunnels = vertx.createNetClient();
        client = vertx.createHttpClient();
        server = vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    int port() {
        return server.actualPort();
    }

    /** What it was asked for by those who knew the password: the beginning of each request's first line. */
    List<String> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    private void answer(HttpServerRequest request) {
        if (!wanted.equals(request.getHeader("Proxy-Authorization"))) {
            request.response().setStatusCode(407).end();
            return;
        }
        synchronized (asked) {
            asked.add(request.method() + " " + request.uri());
        }
        if (request.method() == HttpMethod.CONNECT) {
            tunnel(request);
        } else {
            request.body().onSuccess(body -> forward(request, body));
        }
    }

    private void tunnel(HttpServerRequest request) {
        request.pause();
        int port = Integer.parseInt(request.uri().substring(request.uri().indexOf(':') + 1));
        tunnels.connect(port, "127.0.0.1")
                .onSuccess(far -> request.toNetSocket().onSuccess(near -> {
                    join(near, far);
                    join(far, near);
                }));
    }

    private static void join(NetSocket from, NetSocket to) {
        from.handler(to::write);
        from.closeHandler(nothing -> to.close());
        from.resume();
    }

    private void forward(HttpServerRequest request, Buffer body) {
        URI uri = URI.create(request.uri());
        client.request(request.method(), uri.getPort(), "127.0.0.1", uri.getRawPath())
                .compose(onwards -> {
                    request.headers().remove("Proxy-Authorization").forEach(onwards::putHeader);
                    return onwards.send(body);
                })
                .onSuccess(response -> response.end(ended ->
                        request.response().setStatusCode(response.statusCode()).end()));
    }
}
