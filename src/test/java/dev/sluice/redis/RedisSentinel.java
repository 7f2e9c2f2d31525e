package dev.sluice.redis;

import static dev.sluice.redis.RedisServers.request;
import static java.util.stream.Collectors.joining;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;

/** A real primary with replicas, and three Sentinels that make one of them the primary after it fell silent for two seconds. */
public final class RedisSentinel implements AutoCloseable {
    private static final String NAME = "sluice";
    private static final String HOST = "127.0.0.1";
    private static final int SENTINELS = 3;
    private static final int QUORUM = 2;

    /** Shorter, and a busy machine takes one for dead that is not, and promotes one that has come back without its data. */
    private static final int DOWN_MILLIS = 2_000;

    private final RedisServers nodes;
    private final RedisServers sentinels;
    private final int replicas;

    /**
     * Returns when all know each other and every replica has its primary's data.
     *
     * @param settings of redis-server, for the primary and the replicas, for example {@code --appendonly yes}
     */
    public RedisSentinel(Vertx vertx, Path directory, int replicas, String... settings) {
        this.replicas = replicas;
        nodes = new RedisServers(vertx, directory);
        sentinels = new RedisServers(vertx, directory);
        String[] all = Stream.concat(
                        Stream.of("--save", "", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"),
                        Stream.of(settings))
                .toArray(String[]::new);
        int primary = nodes.startBehindLine(EmbeddedRedis.usual(), all);
        for (int i = 0; i < replicas; i++) {
            nodes.ask(nodes.startBehindLine(EmbeddedRedis.usual(), all), Command.REPLICAOF, HOST, primary);
        }
        // A Sentinel looks for replicas every ten seconds: it finds them at once if they are there before it.
        patiently("replicas").until(() -> isSynced(primary));
        for (int i = 0; i < SENTINELS; i++) {
            watch(primary, sentinels.start(emptyFile(directory), "--sentinel"));
        }
        sentinels.ports().forEach(this::awaitReady);
    }

    /** What a client of the Sentinels is configured with as its hosts. */
    public String sentinelUris() {
        return sentinels.ports().stream()
                .map(port -> "redis://" + HOST + ":" + port)
                .collect(joining(","));
    }

    /** What the Sentinels call the primary. */
    public String name() {
        return NAME;
    }

    /** The port of the server that a Sentinel takes for the primary. */
    public int primaryPort() {
        return primaryPort(sentinels.ports().get(0));
    }

    /** The ports of all that run and are not the primary. */
    public List<Integer> replicas() {
        return othersThan(primaryPort()).toList();
    }

    /** The line to a server, over which all go but the tests themselves. */
    public FaultyProxy line(int port) {
        return nodes.line(port);
    }

    /**
     * Kills the primary, without waiting for another.
     *
     * @return its port
     */
    public int killPrimary() throws IOException, InterruptedException {
        int port = primaryPort();
        nodes.kill(port);
        return port;
    }

    /**
     * Starts the killed servers again on their ports and data. A former primary takes itself for one still, for some ten
     * seconds, until the Sentinels make it a replica: {@link #awaitSynced()} waits for that.
     */
    public void restartKilled() {
        nodes.restartKilled();
    }

    /**
     * The same, but as replicas of the primary, and such as no Sentinel makes the primary before they have its data. Returns when they
     * have.
     */
    public void restartKilledAsReplicas() {
        nodes.restartKilled("--replicaof", HOST + " " + primaryPort(), "--replica-priority", "0");
        awaitSynced();
        nodes.ports().forEach(port -> ask(port, Command.CONFIG, "SET", "replica-priority", "100"));
    }

    /** Freezes a server: its connections stay, it does nothing. */
    public void stop(int port) throws IOException, InterruptedException {
        nodes.signal("STOP", port);
    }

    /** Lets a frozen server go on. */
    public void cont(int port) throws IOException, InterruptedException {
        nodes.signal("CONT", port);
    }

    /** Until all Sentinels name another primary than the one on this port, and it knows that it is. */
    public void awaitFailover(int oldPort) {
        patiently("failover")
                .until(() -> sentinels.ports().stream()
                        .map(this::primaryPort)
                        .allMatch(port ->
                                port != oldPort && role(port).get(0).toString().equals("master")));
    }

    /** Until every server that runs but the primary is its replica and has all that the primary has now. */
    public void awaitSynced() {
        // Another one may become the primary meanwhile.
        patiently("replicas").until(() -> isSynced(primaryPort()));
    }

    /**
     * From now on no write reaches a replica, while primary, replicas and Sentinels are up and reachable, and however long it
     * lasts a replica may become the primary. Then, too, no other replica gets anything, before {@link #resumeReplication()}.
     */
    public void pauseReplication() {
        int primary = primaryPort();
        for (int replica : replicas()) {
            // With a password the primary does not let it in: it wants none.
            ask(replica, Command.CONFIG, "SET", "masterauth", "paused");
            // Ends the connection. It also forgets for how long it was without one: Sentinels pass over a replica that
            // was for long.
            nodes.askAtOnce(
                    replica, request(Command.REPLICAOF, "NO", "ONE"), request(Command.REPLICAOF, HOST, primary));
        }
    }

    /** Replicas connect again and get what they have missed. */
    public void resumeReplication() {
        nodes.ports().forEach(port -> ask(port, Command.CONFIG, "SET", "masterauth", ""));
    }

    /** Asks the primary or a replica. */
    public Response ask(int port, Command command, Object... args) {
        return nodes.ask(port, command, args);
    }

    @Override
    public void close() {
        sentinels.close();
        nodes.close();
    }

    private void watch(int primary, int sentinel) {
        sentinels.ask(sentinel, Command.SENTINEL, "MONITOR", NAME, HOST, primary, QUORUM);
        sentinels.ask(sentinel, Command.SENTINEL, "SET", NAME, "down-after-milliseconds", DOWN_MILLIS);
        // Also how long a vote without a winner holds up the next one: twice this.
        sentinels.ask(sentinel, Command.SENTINEL, "SET", NAME, "failover-timeout", 3 * DOWN_MILLIS);
    }

    private void awaitReady(int sentinel) {
        patiently("Sentinel").until(() -> {
            Response primary = sentinels.ask(sentinel, Command.SENTINEL, "MASTER", NAME);
            Response seen = sentinels.ask(sentinel, Command.SENTINEL, "REPLICAS", NAME);
            return primary.get("num-other-sentinels").toInteger() == SENTINELS - 1
                    && seen.size() == replicas
                    && seen.stream().allMatch(RedisSentinel::mayBecomePrimary);
        });
    }

    private static boolean mayBecomePrimary(Response replica) {
        return replica.get("flags").toString().equals("slave")
                && replica.get("master-link-status").toString().equals("ok");
    }

    private boolean isSynced(int primary) {
        Response role = role(primary);
        long offset = role.get(1).toLong();
        return role.get(2).size() == nodes.ports().size() - 1
                && othersThan(primary)
                        .map(this::role)
                        .allMatch(
                                other -> follows(other, primary) && other.get(4).toLong() >= offset);
    }

    private Stream<Integer> othersThan(int primary) {
        return nodes.ports().stream().filter(port -> port != primary);
    }

    private static boolean follows(Response role, int primary) {
        return role.get(0).toString().equals("slave")
                && role.get(2).toInteger() == primary
                && role.get(3).toString().equals("connected");
    }

    private int primaryPort(int sentinel) {
        return sentinels
                .ask(sentinel, Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME", NAME)
                .get(1)
                .toInteger();
    }

    private Response role(int port) {
        return ask(port, Command.ROLE);
    }

    private static String emptyFile(Path directory) {
        try {
            Files.createDirectories(directory);
            return Files.createTempFile(directory, "sentinel", ".conf")
                    .toAbsolutePath()
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ConditionFactory patiently(String what) {
        return await(what).atMost(Duration.ofSeconds(60)).ignoreExceptions();
    }
}
