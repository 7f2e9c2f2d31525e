package dev.sluice.redis;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;

/**
 * A real Redis Cluster of three primaries, whose slots can be moved while it is used. Each may have a replica: when a primary is
 * killed, its replica is the node of that number, and once it runs again, it is the replica.
 */
public final class RedisCluster implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int SLOTS = 16_384;
    private static final int NODES = 3;

    private final Vertx vertx;
    private final RedisServers servers;
    private final String[] settings;
    private final List<Integer> primaries = new ArrayList<>();
    private final List<Integer> replicas = new ArrayList<>();

    /**
     * Without replicas.
     *
     * @param settings of redis-server, for each node
     */
    public RedisCluster(Vertx vertx, Path directory, String... settings) {
        this(EmbeddedRedis.usual(), vertx, directory, settings);
    }

    private RedisCluster(String first, Vertx vertx, Path directory, String... settings) {
        this.vertx = vertx;
        this.settings = settings;
        servers = new RedisServers(vertx, directory);
        for (int i = 0; i < NODES; i++) {
            primaries.add(join(i == 0 ? first : EmbeddedRedis.usual()));
            ask(i, Command.CLUSTER, "ADDSLOTSRANGE", i * SLOTS / NODES, (i + 1) * SLOTS / NODES - 1);
        }
        awaitAgreement();
    }

    /** Without replicas, and the first node is another server than the others. */
    public static RedisCluster mixed(String first, Vertx vertx, Path directory, String... settings) {
        return new RedisCluster(first, vertx, directory, settings);
    }

    /** With a replica for each primary, which has its data, and takes over when nobody has heard of it for two seconds. */
    public static RedisCluster withReplicas(Vertx vertx, Path directory) {
        RedisCluster cluster = new RedisCluster(vertx, directory, "--cluster-node-timeout", "2000");
        for (int node = 0; node < NODES; node++) {
            String primary = cluster.id(node);
            int replica = cluster.join(EmbeddedRedis.usual());
            // It does not know the primary yet.
            patiently("replica")
                    .until(() -> cluster.servers.ask(replica, Command.CLUSTER, "REPLICATE", primary) != null);
            cluster.replicas.add(replica);
        }
        cluster.awaitAgreement();
        cluster.awaitSynced();
        return cluster;
    }

    /** What a gateway is configured with. */
    public Redis client() {
        return Redis.createClient(
                vertx, new RedisOptions().setType(RedisClientType.CLUSTER).addConnectionString(uri(primaries.get(0))));
    }

    /** What a packaged gateway is configured with as its hosts: all primaries and replicas, whoever is up. */
    public String seeds() {
        return Stream.of(primaries, replicas)
                .flatMap(List::stream)
                .map(RedisCluster::uri)
                .collect(joining(","));
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

    /** Kills a primary. Returns when its replica has taken over and all that run know of it. */
    public void killPrimary(int node) throws IOException, InterruptedException {
        servers.kill(primaries.get(node));
        swap(node);
        awaitAgreement();
    }

    /**
     * Freezes a primary until its replica has taken over, and then for as long as is waited for. Returns when it goes on, as the
     * replica, and has its successor's data.
     */
    public void stopPrimary(int node, Runnable waiting) throws IOException, InterruptedException {
        int stopped = primaries.get(node);
        int successor = replicas.get(node);
        servers.signal("STOP", stopped);
        try {
            patiently("failover")
                    .until(() -> servers.ask(successor, Command.ROLE)
                            .get(0)
                            .toString()
                            .equals("master"));
            swap(node);
            waiting.run();
        } finally {
            servers.signal("CONT", stopped);
        }
        awaitAgreement();
        awaitSynced();
    }

    /** The line to a primary, over which all but the other nodes' gossip goes. */
    public FaultyProxy line(int node) {
        return servers.line(primaries.get(node));
    }

    private void swap(int node) {
        primaries.set(node, replicas.set(node, primaries.get(node)));
    }

    /** Starts the killed ones again. Returns when each is the replica of its successor and has its data. */
    public void restartKilled() {
        servers.restartKilled();
        awaitAgreement();
        awaitSynced();
    }

    /** Until every replica that runs has all that its primary has now. */
    public void awaitSynced() {
        for (int node = 0; node < replicas.size(); node++) {
            int replica = replicas.get(node);
            if (servers.ports().contains(replica)) {
                long offset = ask(node, Command.ROLE).get(1).toLong();
                patiently("replica").until(() -> {
                    Response role = servers.ask(replica, Command.ROLE);
                    return role.get(3).toString().equals("connected")
                            && role.get(4).toLong() >= offset;
                });
            }
        }
    }

    /** The slot of a hash tag, and the node that serves it. */
    public Slot slot(String tag) {
        int slot = ask(0, Command.CLUSTER, "KEYSLOT", tag).toInteger();
        for (int node = 0; node < NODES; node++) {
            if (slotsOf(node).anyMatch(served -> served == slot)) {
                return new Slot(slot, node, (node + 1) % NODES);
            }
        }
        throw new IllegalStateException("nobody serves slot " + slot);
    }

    /** Moves some slots of one node to another: first those that have keys. */
    public void moveSlots(int howMany, int from, int to) {
        Stream<Integer> used =
                keys(from).map(key -> ask(from, Command.CLUSTER, "KEYSLOT", key).toInteger());
        Stream.concat(used, slotsOf(from)).distinct().limit(howMany).forEach(number -> {
            Slot slot = new Slot(number, from, to);
            slot.beginToMove();
            while (slot.moveOneKey()) {}
            slot.moved();
        });
    }

    /** A slot, where it is, and where it may go. */
    public final class Slot {
        private final int number;
        private final int from;
        private final int to;

        private Slot(int number, int from, int to) {
            this.number = number;
            this.from = from;
            this.to = to;
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
            keys.forEach(key -> ask(from, Command.MIGRATE, HOST, primaries.get(to), key.toString(), 0, 5_000));
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
        return IntStream.range(0, NODES).boxed().flatMap(this::keys).toList();
    }

    /** The names of all keys of one node. */
    public Stream<String> keys(int node) {
        return ask(node, Command.KEYS, "*").stream().map(Response::toString);
    }

    @Override
    public void close() {
        servers.close();
    }

    /** Starts a server that the cluster knows. */
    private int join(String server) {
        int bus = EmbeddedRedis.freePort();
        int port = servers.startBehindLine(
                server,
                Stream.concat(
                                Stream.of(
                                        "--cluster-enabled",
                                        "yes",
                                        "--cluster-port",
                                        Integer.toString(bus),
                                        "--save",
                                        ""),
                                Stream.of(settings))
                        .toArray(String[]::new));
        if (!primaries.isEmpty()) {
            ask(0, Command.CLUSTER, "MEET", HOST, port, bus);
        }
        return port;
    }

    private void awaitAgreement() {
        for (int port : servers.ports()) {
            patiently("cluster").until(() -> knowsAll(port));
        }
    }

    private boolean knowsAll(int port) {
        Response ranges = servers.ask(port, Command.CLUSTER, "SLOTS");
        Set<Integer> serving = ranges.stream().map(RedisCluster::server).collect(toSet());
        Set<Integer> standingBy = ranges.stream()
                .flatMap(range -> range.stream().skip(3))
                .map(replica -> replica.get(1).toInteger())
                .collect(toSet());
        return serving.equals(Set.copyOf(primaries))
                && standingBy.equals(
                        replicas.stream().filter(servers.ports()::contains).collect(toSet()))
                && servers.ask(port, Command.CLUSTER, "INFO").toString().contains("cluster_state:ok");
    }

    private Stream<Integer> slotsOf(int node) {
        return ask(node, Command.CLUSTER, "SLOTS").stream()
                .filter(range -> server(range) == primaries.get(node))
                .flatMap(range -> IntStream.rangeClosed(
                                range.get(0).toInteger(), range.get(1).toInteger())
                        .boxed());
    }

    /** Who serves a range of slots. */
    private static int server(Response range) {
        return range.get(2).get(1).toInteger();
    }

    private String id(int node) {
        return ask(node, Command.CLUSTER, "MYID").toString();
    }

    /** Asks one node, past all gateways. */
    public Response ask(int node, Command command, Object... args) {
        return servers.ask(primaries.get(node), command, args);
    }

    private static String uri(int port) {
        return "redis://" + HOST + ":" + port;
    }

    private static ConditionFactory patiently(String what) {
        return await(what).atMost(Duration.ofSeconds(60)).ignoreExceptions();
    }
}
