package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.RedisCluster;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A gateway's user of Redis needs these rights, and with them nothing is denied. */
class RedisRightsIT {
    /** What every gateway asks of Redis itself, besides EXISTS; HELLO and AUTH are open to all. */
    private static final String OWN = "resetchannels ~sluice:* +info +eval +evalsha +punsubscribe";

    /** What its scripts ask. */
    private static final String SCRIPTED = "+del +exists +get +hdel +hexists +hget +hgetall +hincrby +hlen +hmget +hset"
            + " +hsetnx +hstrlen +hvals +lindex +llen +lpop +lpos +lpush +lrange +lrem +persist +pexpire +pttl +rename +rpush"
            + " +set +time +unlink +zadd +zcard +zcount +zrange +zrangebyscore +zrem +zscore";

    private static final String ALONE = OWN + " " + SCRIPTED;

    /** With durability=replicated; without the last it warns that it cannot read min-replicas-to-write. */
    private static final String REPLICATED = ALONE + " +wait +ping +config|get";

    /** With durability=fsync and appendfsync always. */
    private static final String ON_DISK = ALONE + " +config|get";

    private static final String OF_CLUSTER = ALONE + " +cluster|slots +asking";

    private static final Pattern CALL = Pattern.compile("redis\\.call\\('([A-Z]+)'");
    private static final int EVENTS = 400;
    private static final String LAYOUTS = "sluice_redis_seconds_count{script=\"layout\"}";
    private static final String USER = "sluice";
    private static final String PASSWORD = "the-password-of-sluice";

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final Map<String, String> settings = Shop.settings(Map.of("erp", target), "400ms");

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    @AfterEach
    void closeVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whatScriptsDoIsAllowedAndNoMore() throws IOException {
        TreeSet<String> rights = new TreeSet<>();
        try (Stream<Path> scripts = Files.list(RedisWalk.SCRIPTS)) {
            for (Path script : scripts.toList()) {
                CALL.matcher(Files.readString(script))
                        .results()
                        .forEach(call -> rights.add("+" + call.group(1).toLowerCase(Locale.ROOT)));
            }
        }
        assertThat(rights).containsExactly(SCRIPTED.split(" "));
    }

    @Test
    void withTheseRightsGatewaysDoAllThatTheyDo() throws Exception {
        try (EmbeddedRedis redis = redis(ALONE);
                RedisLook look = new RedisLook(vertx, redis.uri())) {
            new RedisWalk(vertx, directory, uri(redis.port())).go(look);
            assertNothingDenied(look);
        }
    }

    @Test
    void withoutOneOfThemAGatewayIsNotReadyAndSaysWhichUntilItIsGranted() throws Exception {
        try (EmbeddedRedis redis = redis(ALONE.replace("+evalsha ", ""));
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = Gateway.unready(directory, uri(redis.port()), settings)) {
            await().atMost(PATIENCE)
                    .until(() -> gateway.loggedSinceStart().contains("no permissions to run the 'evalsha' command"));
            assertThat(gateway.health("ready")).isEqualTo(503);
            look.run(Command.ACL, "SETUSER", USER, "+evalsha");
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 200);
            assertDelivering(gateway);
        }
    }

    @Test
    void withTheseTheyGiveUpAConnectionThatIsStuck() throws Exception {
        try (EmbeddedRedis redis = redis(ALONE);
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory, uri(redis.port()), settings)) {
            Signals.send("STOP", redis.pid());
            try {
                await().atMost(PATIENCE)
                        .until(() -> gateway.loggedSinceStart().contains("lost the connection to Redis"));
            } finally {
                Signals.send("CONT", redis.pid());
            }
            assertDelivering(gateway);
            assertNothingDenied(look);
        }
    }

    @Test
    void withTheseTheyAlsoAskReplicas() throws Exception {
        settings.put("sluice.sources.shop.durability", "replicated");
        try (EmbeddedRedis redis =
                        redis(REPLICATED, "--min-replicas-to-write", "1", "--repl-diskless-sync-delay", "0");
                EmbeddedRedis replica = EmbeddedRedis.start(
                        directory.resolve("replica"), "--save", "", "--replicaof", "127.0.0.1 " + redis.port());
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory, uri(redis.port()), settings)) {
            assertDelivering(gateway);
            assertNothingDenied(look);
            assertThat(gateway.loggedSinceStart()).doesNotContain("min-replicas-to-write");
        }
    }

    @Test
    void withTheseTheyAlsoSeeThatEventsAreOnDisk() throws Exception {
        settings.put("sluice.sources.shop.durability", "fsync");
        try (EmbeddedRedis redis = redis(ON_DISK, "--appendonly", "yes", "--appendfsync", "always");
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory, uri(redis.port()), settings)) {
            assertDelivering(gateway);
            assertNothingDenied(look);
        }
    }

    /** While a slot is between two nodes its partition waits, as no script finds its keys together, and no other does. */
    @Test
    void withTheseTheyFindTheirWayInAClusterAlsoWhileASlotMoves() throws Exception {
        settings.put("quarkus.redis.client-type", "cluster");
        try (RedisCluster redis = new RedisCluster(vertx, directory.resolve("redis"), user(OF_CLUSTER))) {
            String hosts = redis.seeds().replace("redis://", "redis://" + USER + ":" + PASSWORD + "@");
            try (Gateway gateway = new Gateway(directory, hosts, settings)) {
                assertDelivering(gateway);
                RedisCluster.Slot ofOnePartition = betweenNodes(redis.slot("0"));
                RedisCluster.Slot ofLayout = betweenNodes(redis.slot("layout"));
                double asked = gateway.metric(LAYOUTS);
                CompletableFuture<List<Sent>> sending = sender(gateway).sendInBackground("order", EVENTS, 40, 40, 1);
                await().atMost(PATIENCE).until(() -> target.delivered() > EVENTS + EVENTS / 2);
                await().atMost(PATIENCE).until(() -> gateway.metric(LAYOUTS) > asked);
                assertThat(gateway.health("ready")).isEqualTo(200);
                ofLayout.moved();
                ofOnePartition.moved();
                assertDelivered(sending.get(), 2 * EVENTS);
            }
            for (String node : redis.seeds().split(",")) {
                try (RedisLook look = new RedisLook(vertx, node)) {
                    assertNothingDenied(look);
                }
            }
        }
    }

    private EmbeddedRedis redis(String rights, String... more) {
        return EmbeddedRedis.start(
                directory.resolve("redis"),
                Stream.of(Stream.of("--save", ""), Stream.of(user(rights)), Stream.of(more))
                        .flatMap(each -> each)
                        .toArray(String[]::new));
    }

    private static String[] user(String rights) {
        return Stream.concat(Stream.of("--user", USER, "on", ">" + PASSWORD), Stream.of(rights.split(" ")))
                .toArray(String[]::new);
    }

    private static String uri(int port) {
        return "redis://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port;
    }

    private void assertDelivering(Gateway gateway) throws Exception {
        assertDelivered(sender(gateway).send("early", EVENTS, 40, 4, 1), EVENTS);
    }

    private void assertDelivered(List<Sent> sent, int inAll) {
        await().atMost(PATIENCE).until(() -> target.delivered() == inAll);
        assertThat(new ArrivalCheck(sent, target.arrivals()).violations()).isEmpty();
    }

    /** With all its keys at the node where it goes, and the other still asked first. */
    private static RedisCluster.Slot betweenNodes(RedisCluster.Slot slot) {
        slot.beginToMove();
        while (slot.moveOneKey()) {}
        return slot;
    }

    private static Sender sender(Gateway gateway) {
        return new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER);
    }

    private static void assertNothingDenied(RedisLook look) {
        assertThat(look.run(Command.ACL, "LOG").toString()).isEqualTo("[]");
    }
}
