package dev.sluice.redis;

import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A real Redis Cluster of three primaries, whose slots can be moved while it is used. */
public final class RedisCluster implements AutoCloseable {
    private static final int SLOTS = 16_384;
    private static final int NODES = 3;

    private final Vertx vertx;
    private final List<EmbeddedRedis> nodes = new ArrayList<>();
    private final List<Redis> clients = new ArrayList<>();

    public RedisCluster(Vertx vertx, Path directory) {
        this.vertx = vertx;
        List<Integer> buses = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            int bus = freePort();
            EmbeddedRedis node = EmbeddedRedis.start(
                    // A cluster remembers its nodes: every run has its own.
                    directory.resolve(i + "-" + UUID.randomUUID()),
                    "--cluster-enabled",
                    "yes",
                    "--cluster-port",
                    Integer.toString(bus),
                    "--save",
                    "");
            buses.add(bus);
            nodes.add(node);
            clients.add(Redis.createClient(vertx, node.uri()));
            ask(i, Command.CLUSTER, "ADDSLOTSRANGE", i * SLOTS / NODES, (i + 1) * SLOTS / NODES - 1);
        }
        for (int i = 1; i < NODES; i++) {
            ask(0, Command.CLUSTER, "MEET", "127.0.0.1", nodes.get(i).port(), buses.get(i));
        }
        for (int i = 0; i < NODES; i++) {
            int node = i;
            await("cluster")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> ask(node, Command.CLUSTER, "SLOTS").size() == NODES);
            await("cluster")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> ask(node, Command.CLUSTER, "INFO").toString().contains("cluster_state:ok"));
        }
    }

    /** What a gateway is configured with. */
    public Redis client() {
        return Redis.createClient(
                vertx,
                new RedisOptions()
                        .setType(RedisClientType.CLUSTER)
                        .addConnectionString(nodes.get(0).uri()));
    }

    /** One node ends the connections of all its clients. */
    public void endConnections(int node) {
        ask(node, Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
    }

    /** How many connections all nodes together have ever been asked for. */
    public long connectionsOpened() {
        Pattern figure = Pattern.compile("total_connections_received:(\\d+)");
        return IntStream.range(0, NODES)
                .mapToObj(
                        node -> figure.matcher(ask(node, Command.INFO, "stats").toString()))
                .mapToLong(found -> found.find() ? Long.parseLong(found.group(1)) : 0)
                .sum();
    }

    /** The slot of a hash tag, and the node that serves it. */
    public Slot slot(String tag) {
        int slot = ask(0, Command.CLUSTER, "KEYSLOT", tag).toInteger();
        for (int node = 0; node < NODES; node++) {
            for (Response range : ask(node, Command.CLUSTER, "SLOTS")) {
                if (range.get(0).toInteger() <= slot && slot <= range.get(1).toInteger()) {
                    return new Slot(slot, nodeOf(range.get(2).get(1).toInteger()));
                }
            }
        }
        throw new IllegalStateException("nobody serves slot " + slot);
    }

    /** A slot and where it is now. */
    public final class Slot {
        private final int number;
        private final int from;
        private final int to;

        private Slot(int number, int from) {
            this.number = number;
            this.from = from;
            this.to = (from + 1) % NODES;
        }

        /** Begins to move it to another node: until all its keys are there, a script may find them on both sides. */
        public void beginToMove() {
            ask(to, Command.CLUSTER, "SETSLOT", number, "IMPORTING", id(from));
            ask(from, Command.CLUSTER, "SETSLOT", number, "MIGRATING", id(to));
        }

        /** Moves one of its keys.
         *
         * @return whether there was one
         */
        public boolean moveOneKey() {
            Response keys = ask(from, Command.CLUSTER, "GETKEYSINSLOT", number, 1);
            keys.forEach(
                    key -> ask(from, Command.MIGRATE, "127.0.0.1", nodes.get(to).port(), key.toString(), 0, 5_000));
            return keys.size() > 0;
        }

        public void moved() {
            for (int node : new int[] {to, from, 3 - to - from}) {
                ask(node, Command.CLUSTER, "SETSLOT", number, "NODE", id(to));
            }
        }
    }

    /** The names of all keys of all nodes. */
    public List<String> keys() {
        return IntStream.range(0, NODES)
                .mapToObj(node -> ask(node, Command.KEYS, "*"))
                .flatMap(Response::stream)
                .map(Response::toString)
                .toList();
    }

    @Override
    public void close() {
        clients.forEach(Redis::close);
        nodes.forEach(EmbeddedRedis::close);
    }

    private String id(int node) {
        return ask(node, Command.CLUSTER, "MYID").toString();
    }

    private int nodeOf(int port) {
        for (int node = 0; node < NODES; node++) {
            if (nodes.get(node).port() == port) {
                return node;
            }
        }
        throw new IllegalStateException("no node listens on " + port);
    }

    private Response ask(int node, Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) {
            request.arg(arg.toString());
        }
        try {
            return clients.get(node)
                    .send(request)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(command + " failed", e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
