package dev.sluice.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Sends signed events, from one event loop: as fast as so many connections are answered (a closed loop, which finds how much there can be), or at a
 * fixed rate whatever the answers take (an open loop). In both the time of a request counts from when it was to be sent, so that one that had to
 * wait for others is not taken for a fast one.
 */
final class Load implements AutoCloseable {
    private static final int CONNECTIONS_OF_OPEN_LOOP = 256;
    private static final int KEPT = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int NO_ANSWER = 0;

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();

    /**
     * What is sent.
     *
     * @param bytes how large a body is
     * @param entities over how many ordering keys the events are spread
     * @param duplicates which share of the requests repeats an event that was sent before
     * @param forged which share bears a signature that does not fit
     */
    record Shape(int bytes, int entities, double duplicates, double forged) {}

    /**
     * What came of it.
     *
     * @param statuses how often each HTTP status was answered; 0 stands for no answer
     * @param latencies in nanoseconds
     * @param endNanos when the last one was, by {@link System#nanoTime}
     */
    record Answered(Map<Integer, Long> statuses, Histogram latencies, long endNanos) {
        long requests() {
            return latencies.getTotalCount();
        }

        /** How many were answered with a 2xx. */
        long taken() {
            return statuses.entrySet().stream()
                    .filter(status -> status.getKey() / 100 == 2)
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }

    /** Keeps so many connections busy for so long. */
    Answered closed(List<URI> gateways, Shape shape, int connections, Duration time) {
        return run(new Run(gateways, shape, connections), run -> run.keepBusy(connections, time));
    }

    /** Sends so many a second for so long. */
    Answered open(List<URI> gateways, Shape shape, double perSecond, Duration time) {
        return run(new Run(gateways, shape, CONNECTIONS_OF_OPEN_LOOP), run -> run.keepPace(perSecond, time));
    }

    private Answered run(Run run, Consumer<Run> begin) {
        loop.runOnContext(nothing -> begin.accept(run));
        try {
            long end = run.ended
                    .future()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return new Answered(run.statuses, run.latencies, end);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("not all was answered: " + run.statuses, e);
        } finally {
            run.client.close();
        }
    }

    /** One load, on the event loop. */
    private final class Run {
        private final List<URI> gateways;
        private final Shape shape;
        private final HttpClient client;
        private final Signed signed;
        private final Map<Integer, Long> statuses = new TreeMap<>();
        private final Histogram latencies = new Histogram(3);
        private final Promise<Long> ended = Promise.promise();
        private final byte[][] kept = new byte[KEPT][];
        private long sent;
        private long underWay;
        private boolean isOver;

        Run(List<URI> gateways, Shape shape, int connections) {
            this.gateways = gateways;
            this.shape = shape;
            this.signed = new Signed(shape.bytes());
            this.client = vertx.createHttpClient(new HttpClientOptions()
                    .setMaxPoolSize(connections)
                    .setMaxWaitQueueSize(-1)
                    .setKeepAliveTimeout(0));
        }

        void keepBusy(int connections, Duration time) {
            long until = System.nanoTime() + time.toNanos();
            for (int connection = 0; connection < connections; connection++) {
                next(until);
            }
        }

        private void next(long until) {
            long now = System.nanoTime();
            if (now < until) {
                send(now).onComplete(done -> next(until));
            } else {
                isOver = true;
                endWhenAllIsAnswered();
            }
        }

        void keepPace(double perSecond, Duration time) {
            long begun = System.nanoTime();
            long all = (long) (perSecond * time.toNanos() / 1e9);
            vertx.setPeriodic(1, timer -> {
                long due = Math.min(all, (long) ((System.nanoTime() - begun) * perSecond / 1e9) + 1);
                while (sent < due) {
                    send(begun + (long) (sent * 1e9 / perSecond));
                }
                if (sent == all) {
                    vertx.cancelTimer(timer);
                    isOver = true;
                    endWhenAllIsAnswered();
                }
            });
        }

        private void endWhenAllIsAnswered() {
            if (isOver && underWay == 0) {
                ended.tryComplete(System.nanoTime());
            }
        }

        /** Sends one that was to be sent at a time; never fails. */
        private Future<Void> send(long due) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            int place = random.nextInt(KEPT);
            boolean again = kept[place] != null && random.nextDouble() < shape.duplicates();
            byte[] body = again ? kept[place] : signed.body(due, random.nextLong(shape.entities()));
            kept[place] = body;
            String signature = signed.signature(body);
            String shown = random.nextDouble() < shape.forged() ? forged(signature) : signature;
            URI gateway = gateways.get((int) (sent++ % gateways.size()));
            underWay++;
            return client.request(HttpMethod.POST, gateway.getPort(), gateway.getHost(), gateway.getPath())
                    .compose(request -> request.putHeader("X-Signature", shown)
                            .putHeader("Content-Type", "application/json")
                            .send(Buffer.buffer(body)))
                    .compose(answer -> answer.end().map(answer.statusCode()))
                    .otherwise(NO_ANSWER)
                    .map(status -> {
                        latencies.recordValue(System.nanoTime() - due);
                        statuses.merge(status, 1L, Long::sum);
                        underWay--;
                        endWhenAllIsAnswered();
                        return null;
                    });
        }

        private static String forged(String signature) {
            char last = signature.charAt(signature.length() - 1);
            return signature.substring(0, signature.length() - 1) + (last == '0' ? '1' : '0');
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
