package dev.sluice.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Sends as the provider does: in order within an entity, the next event after the 2xx for the one before, the same bytes again
 * until there is one; and a share of the events twice, now and then both copies at once.
 */
public final class Sender {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final double TWICE = 0.1;

    private final List<Supplier<URI>> gateways;
    private final Signer signer;
    private final Queue<Sent> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger done = new AtomicInteger();
    /** Not the common pool: on few cores a test that waits there would hold the copies up. */
    private final ExecutorService copies = Executors.newCachedThreadPool();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Puts a signature onto a request. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private static final int MOST_DOUBLINGS = 4;

    public interface Signer {
        HttpRequest.Builder sign(HttpRequest.Builder request, byte[] body);
    }

    public Sender(List<Supplier<URI>> gateways, Signer signer) {
        this.gateways = gateways;
        this.signer = signer;
    }

    public List<Sent> answers() {
        return List.copyOf(answers);
    }

    public int done() {
        return done.get();
    }

    /** Sends {@code events} over {@code entities} from {@code connections}, and waits until every one has its 2xx. */
    public List<Sent> send(String prefix, int events, int entities, int connections, long seed) throws Exception {
        int each = events / entities;
        return send(prefix, number -> number < each, entities, connections, seed);
    }

    /** Sends over {@code entities} for as long as {@code more} says so of an entity's next number. */
    public List<Sent> send(String prefix, IntPredicate more, int entities, int connections, long seed)
            throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(connections);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int worker = 0; worker < connections; worker++) {
                int mine = worker;
                running.add(workers.submit(() -> {
                    Random random = new Random(seed + mine);
                    for (int number = 0; more.test(number); number++) {
                        for (int entity = mine; entity < entities; entity += connections) {
                            send(new Message(prefix + "-" + entity, number), random);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(10, TimeUnit.MINUTES);
            }
        } finally {
            workers.shutdownNow();
        }
        return answers();
    }

    /** The same, while the test goes on. */
    public CompletableFuture<List<Sent>> sendInBackground(
            String prefix, int events, int entities, int connections, long seed) {
        int each = events / entities;
        return sendInBackground(prefix, number -> number < each, entities, connections, seed);
    }

    /** The same. */
    public CompletableFuture<List<Sent>> sendInBackground(
            String prefix, IntPredicate more, int entities, int connections, long seed) {
        CompletableFuture<List<Sent>> sending = new CompletableFuture<>();
        new Thread(
                        () -> {
                            try {
                                sending.complete(send(prefix, more, entities, connections, seed));
                            } catch (Exception e) {
                                sending.completeExceptionally(e);
                            }
                        },
                        "sender")
                .start();
        return sending;
    }

    /** Sends each event so often, all copies at the same time, to one gateway after the other; waits for every answer. */
    public List<Sent> sendCopiesAtOnce(String prefix, int events, int copiesEach) throws Exception {
        for (int event = 0; event < events; event++) {
            Message message = new Message(prefix + "-" + event, 0);
            CompletableFuture<?>[] all = IntStream.range(0, copiesEach)
                    .mapToObj(copy -> CompletableFuture.runAsync(() -> sendOnce(message, copy), copies))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(all).get(2, TimeUnit.MINUTES);
        }
        return answers();
    }

    private void send(Message message, Random random) throws Exception {
        boolean twice = random.nextDouble() < TWICE;
        if (twice && random.nextBoolean()) {
            CompletableFuture<Void> copy =
                    CompletableFuture.runAsync(() -> sendOnce(message, random.nextInt(1 << 16)), copies);
            sendOnce(message, random.nextInt(1 << 16));
            copy.get(2, TimeUnit.MINUTES);
        } else {
            sendOnce(message, random.nextInt(1 << 16));
            if (twice) {
                sendOnce(message, random.nextInt(1 << 16));
            }
        }
        done.incrementAndGet();
    }

    private void sendOnce(Message message, int through) {
        byte[] body = message.body();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int attempt = 0; System.nanoTime() < deadline; attempt++) {
            URI gateway = gateways.get((through + attempt) % gateways.size()).get();
            HttpRequest request = signer.sign(HttpRequest.newBuilder(gateway), body)
                    .timeout(Duration.ofSeconds(5))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            try {
                HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() == 200) {
                    JsonNode answer = JSON.readTree(response.body());
                    answers.add(new Sent(
                            message,
                            answer.get("id").asText(),
                            answer.get("sequence").asLong(),
                            answer.get("status").asText(),
                            System.nanoTime()));
                    return;
                }
                if (response.statusCode() != 503) {
                    throw new IllegalStateException("answered " + response.statusCode());
                }
            } catch (IOException e) {
                // away: again, as a sender does
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            pause(attempt);
        }
        throw new IllegalStateException("no 2xx for " + message);
    }

    /** The back-off of a sender; no test waits for it. */
    private static void pause(int attempt) {
        LockSupport.parkNanos(FIRST_PAUSE
                .multipliedBy(1L << Math.min(attempt, MOST_DOUBLINGS))
                .toNanos());
    }
}
