package dev.sluice.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/** The floor: passes on what it gets, and the answer back. It verifies nothing and stores nothing: no gateway of this stack can do with less. */
public final class Floor extends AbstractVerticle {
    private static final int CONNECTIONS = 256;

    private HttpClient client;
    private int sink;

    /** Started as a process of its own, with the port where it is to listen and that of the sink. */
    public static void main(String... args) {
        int port = Integer.parseInt(args[0]);
        Vertx.vertx()
                .deployVerticle(
                        Floor.class.getName(),
                        new DeploymentOptions()
                                .setInstances(Runtime.getRuntime().availableProcessors())
                                .setConfig(new JsonObject().put("port", port).put("sink", Integer.parseInt(args[1]))))
                .onSuccess(id -> Program.tellPort(port))
                .onFailure(failure -> System.exit(1));
    }

    @Override
    public void start(Promise<Void> started) {
        sink = config().getInteger("sink");
        client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(CONNECTIONS));
        vertx.createHttpServer()
                .requestHandler(this::forward)
                .listen(config().getInteger("port"), "127.0.0.1")
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private void forward(HttpServerRequest request) {
        request.body()
                .compose(body -> client.request(HttpMethod.POST, sink, "127.0.0.1", "/")
                        .compose(passedOn -> passedOn.send(body)))
                .compose(answer -> answer.end().map(answer.statusCode()))
                .onSuccess(status -> request.response().setStatusCode(status).end())
                .onFailure(failure -> request.response().setStatusCode(502).end());
    }
}
