package dev.sluice.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A TCP proxy that does what networks do when they fail. One fault holds at a time, until another is chosen or {@link #pass()}
 * ends it; when a call returns, the fault is there. A connection that has lost something never gets it later, nor anything that
 * came after it: it is closed when another fault is chosen or all pass.
 */
public final class FaultyProxy implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int ANY_PORT = 0;
    private static final int DEADLINE_SECONDS = 10;

    private final Vertx vertx;
    private final NetClient client;
    private final int port;

    /** The one thread that touches what is below: no byte slips through a fault that has begun. */
    private final Context thread;

    private final Set<Link> links = new HashSet<>();
    private NetServer server;
    private int target;
    private Fault fault = Fault.NONE;
    private Duration delay = Duration.ZERO;

    private enum Fault {
        NONE,
        REFUSING,
        BLACKHOLE,
        LOSING_ANSWERS
    }

    /** In front of a port of this machine. */
    public FaultyProxy(Vertx vertx, int target) {
        this.vertx = vertx;
        this.target = target;
        client = vertx.createNetClient();
        thread = vertx.getOrCreateContext();
        port = get(() -> listen(ANY_PORT)).actualPort();
    }

    public int port() {
        return port;
    }

    public String uri() {
        return "redis://" + HOST + ":" + port;
    }

    /** From now on connections lead to another port; those that are open stay where they are. */
    public void leadTo(int another) {
        run(() -> target = another);
    }

    /** Ends the fault. */
    public void pass() {
        become(Fault.NONE, Duration.ZERO);
    }

    /** Closes the connections that are open. New ones fare as before. */
    public void cut() {
        run(() -> closeAll(link -> true));
    }

    /** Makes the connections that are open go silent, as when a firewall forgets them. New ones fare as before. */
    public void silence() {
        run(() -> links.forEach(link -> link.silent = true));
    }

    /** Closes the connections that are open, and has new ones refused as if nobody listened. */
    public void refuse() {
        become(Fault.REFUSING, Duration.ZERO);
        cut();
    }

    /** Has requests come late by this, and answers once more by this. */
    public void delay(Duration by) {
        become(Fault.NONE, by);
    }

    /** Connections stay open, and new ones are accepted, but nothing gets through any of them. */
    public void blackhole() {
        become(Fault.BLACKHOLE, Duration.ZERO);
        silence();
    }

    /** Requests get through, their answers do not. */
    public void loseAnswers() {
        become(Fault.LOSING_ANSWERS, Duration.ZERO);
    }

    @Override
    public void close() {
        cut();
        get(() -> Future.all(client.close(), server.close()));
    }

    private void become(Fault next, Duration late) {
        get(() -> {
            boolean listening = fault != Fault.REFUSING;
            fault = next;
            delay = late;
            closeAll(link -> link.silent || link.answerLost);
            if (listening == (next != Fault.REFUSING)) {
                return Future.succeededFuture();
            }
            return listening ? server.close() : listen(port).mapEmpty();
        });
    }

    private Future<NetServer> listen(int at) {
        server = vertx.createNetServer().connectHandler(near -> new Link(near).open());
        return server.listen(at, HOST);
    }

    private void closeAll(Predicate<Link> which) {
        List.copyOf(links).stream().filter(which).forEach(Link::close);
    }

    private void run(Runnable act) {
        get(() -> {
            act.run();
            return Future.succeededFuture();
        });
    }

    private <T> T get(Supplier<Future<T>> act) {
        Promise<T> done = Promise.promise();
        thread.runOnContext(nothing -> act.get().onComplete(done));
        return done.future()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** A connection to the proxy, and the one that leads on from it. */
    private final class Link {
        private final NetSocket near;
        private final Future<NetSocket> far;
        private final DelayLine requests = new DelayLine(vertx);
        private final DelayLine answers = new DelayLine(vertx);
        private boolean silent = fault == Fault.BLACKHOLE;
        private boolean answerLost;

        Link(NetSocket near) {
            this.near = near;
            far = silent ? Promise.<NetSocket>promise().future() : client.connect(target, HOST);
        }

        void open() {
            links.add(this);
            near.closeHandler(nothing -> requests.send(delay, this::end));
            if (!silent) {
                near.pause();
                far.onSuccess(this::join).onFailure(refused -> close());
            }
        }

        private void join(NetSocket to) {
            near.handler(bytes -> requests.send(delay, () -> write(bytes, near, to)));
            to.handler(bytes -> answer(bytes, to));
            to.closeHandler(nothing -> answers.send(delay, this::end));
            near.resume();
        }

        private void answer(Buffer bytes, NetSocket from) {
            answerLost |= fault == Fault.LOSING_ANSWERS;
            if (!answerLost) {
                answers.send(delay, () -> write(bytes, from, near));
            }
        }

        private void write(Buffer bytes, NetSocket from, NetSocket to) {
            if (silent) {
                return;
            }
            to.write(bytes);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(nothing -> from.resume());
            }
        }

        /** One side has closed its half; of a silent connection the other must not hear that. */
        private void end() {
            if (!silent) {
                close();
            }
        }

        void close() {
            links.remove(this);
            near.close();
            far.onSuccess(NetSocket::close);
        }
    }
}
