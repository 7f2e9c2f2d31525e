package dev.sluice.redis;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.TimeUnit;

/** A TCP proxy whose connections can go silent, as when a firewall forgets them: nothing gets through, and nobody is told. */
final class SilentProxy implements AutoCloseable {
    private final Vertx vertx;
    private final int port;
    private final NetServer server;
    private volatile int generation;

    SilentProxy(Vertx vertx, int port) throws Exception {
        this.vertx = vertx;
        this.port = port;
        this.server = vertx.createNetServer()
                .connectHandler(this::connected)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    int port() {
        return server.actualPort();
    }

    /** From now on nothing gets through the connections that are open; new ones work. */
    void silence() {
        generation++;
    }

    @Override
    public void close() {
        server.close();
    }

    private void connected(NetSocket client) {
        int mine = generation;
        client.pause();
        vertx.createNetClient().connect(port, "127.0.0.1").onSuccess(redis -> {
            client.handler(bytes -> pass(bytes, redis, mine));
            redis.handler(bytes -> pass(bytes, client, mine));
            client.closeHandler(nothing -> redis.close());
            redis.closeHandler(nothing -> client.close());
            client.resume();
        });
    }

    private void pass(Buffer bytes, NetSocket to, int mine) {
        if (mine == generation) {
            to.write(bytes);
        }
    }
}
