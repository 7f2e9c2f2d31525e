package dev.sluice.redis;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Signals;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Servers that belong together, each known by the port at which others reach it, which it keeps when it is killed and started
 * again.
 */
final class RedisServers implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 10;

    private final Vertx vertx;
    private final Path directory;
    private final Map<Integer, Place> places = new HashMap<>();
    private final Map<Integer, EmbeddedRedis> running = new LinkedHashMap<>();
    private final Map<Integer, Redis> clients = new HashMap<>();
    private final Map<Integer, FaultyProxy> lines = new HashMap<>();

    /** What a server is started with. */
    private record Place(String server, Path directory, int port, String... settings) {
        EmbeddedRedis start(String... more) {
            return EmbeddedRedis.start(
                    server,
                    directory,
                    port,
                    Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new));
        }
    }

    RedisServers(Vertx vertx, Path directory) {
        this.vertx = vertx;
        this.directory = directory;
    }

    /** Starts one more and tells its port. */
    int start(String... settings) {
        int port = EmbeddedRedis.freePort();
        return start(EmbeddedRedis.usual(), port, port, settings);
    }

    /** Starts one more, which all but {@link #ask} reach through a line of which this tells the port. */
    int startBehindLine(String server, String... settings) {
        int port = EmbeddedRedis.freePort();
        FaultyProxy line = new FaultyProxy(vertx, port);
        lines.put(line.port(), line);
        String known = Integer.toString(line.port());
        return start(
                server,
                line.port(),
                port,
                Stream.concat(
                                Stream.of("--replica-announce-port", known, "--cluster-announce-port", known),
                                Stream.of(settings))
                        .toArray(String[]::new));
    }

    private int start(String server, int known, int port, String... settings) {
        // They remember each other: every run has its own.
        Place place = new Place(server, directory.resolve(UUID.randomUUID().toString()), port, settings);
        EmbeddedRedis started = place.start();
        places.put(known, place);
        running.put(known, started);
        clients.put(known, Redis.createClient(vertx, started.uri()));
        return known;
    }

    /** The line to one. */
    FaultyProxy line(int port) {
        return lines.get(port);
    }

    /** The ports of all but the killed ones. */
    List<Integer> ports() {
        return List.copyOf(running.keySet());
    }

    /** Sends one a signal. */
    void signal(String name, int port) throws IOException, InterruptedException {
        Signals.send(name, running.get(port).pid());
    }

    void kill(int port) throws IOException, InterruptedException {
        signal("KILL", port);
        running.remove(port).close();
    }

    /** Starts the killed ones again, with what they have kept, and with more settings than before. */
    void restartKilled(String... more) {
        places.forEach((port, place) -> running.computeIfAbsent(port, same -> place.start(more)));
    }

    Response ask(int port, Command command, Object... args) {
        return answer(clients.get(port).send(request(command, args)));
    }

    /** Makes several requests of which nobody sees one done and another not. */
    void askAtOnce(int port, Request... requests) {
        List<Request> transaction = new ArrayList<>(List.of(requests));
        transaction.add(0, Request.cmd(Command.MULTI));
        transaction.add(Request.cmd(Command.EXEC));
        answer(clients.get(port).batch(transaction));
    }

    static Request request(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) {
            request.arg(arg.toString());
        }
        return request;
    }

    @Override
    public void close() {
        clients.values().forEach(Redis::close);
        running.values().forEach(EmbeddedRedis::close);
        lines.values().forEach(FaultyProxy::close);
    }

    private static <T> T answer(Future<T> answer) {
        return answer.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
