package dev.sluice.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import org.HdrHistogram.Histogram;

/** The target of all events: takes each at once, or after a while where it is asked to, and knows how long it was under way. */
public final class Sink extends AbstractVerticle {
    /** The path of a target that is some way off: each answer takes longer by {@value #FAR_MILLIS} ms. */
    static final String FAR = "/far";

    private static final long FAR_MILLIS = 2;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Histogram latencies = new Histogram(3);
    private long endNanos;

    /** Started as a process of its own. */
    public static void main(String... args) {
        Vertx.vertx().deployVerticle(new Sink()).onFailure(failure -> System.exit(1));
    }

    /**
     * What it has got.
     *
     * @param latencies how long the events were under way since they were to be sent, in nanoseconds
     * @param endNanos when the last one came, by {@link System#nanoTime}
     */
    record Got(Histogram latencies, long endNanos) {}

    /** What the sink at this port has got since this was asked last. */
    static Got got(int port) throws Exception {
        return asked(port, "DELETE");
    }

    /** How much that is; and it counts on. */
    static long count(int port) throws Exception {
        return asked(port, "GET").latencies().getTotalCount();
    }

    private static Got asked(int port, String method) throws Exception {
        ByteBuffer answer = ByteBuffer.wrap(HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .body());
        long endNanos = answer.getLong();
        return new Got(Histogram.decodeFromCompressedByteBuffer(answer, 0), endNanos);
    }

    @Override
    public void start(Promise<Void> started) {
        vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .onSuccess(server -> Program.tellPort(server.actualPort()))
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private void answer(HttpServerRequest request) {
        if (request.method() == HttpMethod.POST) {
            request.body().onSuccess(body -> {
                endNanos = System.nanoTime();
                latencies.recordValue(endNanos - Signed.dueNanos(body));
                take(request);
            });
        } else if (request.method() == HttpMethod.PUT) {
            // Somebody wants to know how long that takes.
            request.body().onSuccess(body -> take(request));
        } else {
            ByteBuffer encoded = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
            int length = latencies.encodeIntoCompressedByteBuffer(encoded);
            if (request.method() == HttpMethod.DELETE) {
                latencies.reset();
            }
            request.response().end(Buffer.buffer().appendLong(endNanos).appendBytes(encoded.array(), 0, length));
        }
    }

    private void take(HttpServerRequest request) {
        if (request.path().equals(FAR)) {
            vertx.setTimer(
                    FAR_MILLIS, timer -> request.response().setStatusCode(204).end());
        } else {
            request.response().setStatusCode(204).end();
        }
    }
}
