package dev.sluice.lane;

import static dev.sluice.lane.Gateway.event;
import static dev.sluice.lane.Gateway.result;
import static java.util.stream.Collectors.partitioningBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.event.Event;
import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.redis.Durability;
import dev.sluice.redis.FaultyProxy;
import dev.sluice.redis.RedisCluster;
import dev.sluice.redis.StoreUnavailable;
import dev.sluice.redis.Unfit;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** What counts as accepted, and what may be sent next, when a source asks for more than memory. */
class LaneDurabilityIT {
    private static final Durability MEMORY = new Durability.Memory();
    private static final Durability REPLICATED = new Durability.Replicated(1);

    private final Vertx vertx = Vertx.vertx();
    private final Path directory =
            Path.of("target", "durability", UUID.randomUUID().toString());
    private EmbeddedRedis primary;
    private EmbeddedRedis replica;
    private Redis client;

    @BeforeEach
    void start() {
        primary = EmbeddedRedis.start(directory.resolve("primary"), "--save", "", "--repl-diskless-sync-delay", "0");
        client = Redis.createClient(vertx, primary.uri());
    }

    @AfterEach
    void stop() {
        client.close();
        if (replica != null) {
            replica.close();
        }
        primary.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void withoutEnoughReplicasNothingIsAcceptedAndNeitherIsARepetition() throws Exception {
        startReplica();
        Gateway gateway = gateway(REPLICATED);
        Accepted first = gateway.accept("o-1", "1", recipient(true));
        assertThat(first.leased()).hasSize(1);

        signal("STOP");
        assertThatThrownBy(() -> gateway.accept("o-2", "2", recipient(true)))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("replicas");
        assertThatThrownBy(() -> gateway.offer("o-2", "2", Gateway.WINDOW, recipient(true)))
                .isInstanceOf(StoreUnavailable.class);

        signal("CONT");
        await().until(() -> isTaken(gateway, event("o-2", "2")));
        assertThat(gateway.offer("o-2", "2", Gateway.WINDOW, recipient(true))).isInstanceOf(Acceptance.Duplicate.class);
    }

    @Test
    void aRepetitionOfWhatAnotherOnlyHasInMemoryIsNotAcceptedEither() throws Exception {
        startReplica();
        Gateway careful = gateway(REPLICATED);
        careful.accept("o-1", "1", recipient(true));
        signal("STOP");
        gateway(MEMORY).accept("o-2", "2", recipient(true));
        assertThatThrownBy(() -> careful.offer("o-2", "2", Gateway.WINDOW, recipient(true)))
                .isInstanceOf(StoreUnavailable.class);
        signal("CONT");
        await().until(() -> isTaken(careful, event("o-2", "2")));
    }

    @Test
    void withoutEnoughReplicasNoEventIsHandedOutBehindOneThatMayHaveToBeSentAgain() throws Exception {
        startReplica();
        Gateway gateway = gateway(REPLICATED);
        Leased first = gateway.accept("o-1", "1", recipient(true)).leased().get(0);
        gateway.accept("o-1", "2", recipient(true));
        signal("STOP");
        assertThatThrownBy(() -> gateway.settle(first, new Settlement.Delivered()))
                .isInstanceOf(StoreUnavailable.class);

        signal("CONT");
        await().until(() -> isAnswered(gateway.settle
                .settle(first, new Settlement.Delivered(), told(), true)
                .invoke(settled -> {
                    assertThat(settled)
                            .isInstanceOfSatisfying(
                                    Settled.Next.class,
                                    next -> assertThat(next.leased()
                                                    .head()
                                                    .content()
                                                    .body())
                                            .asString()
                                            .isEqualTo("2"));
                })));
    }

    @Test
    void aClaimedLaneIsNotDeliveredBeforeReplicasKnowWhoseItIs() throws Exception {
        startReplica();
        Gateway gateway = gateway(REPLICATED);
        gateway.accept("o-1", "1", recipient(false));
        signal("STOP");
        assertThatThrownBy(() -> gateway.claim("erp")).isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void whatWaitsForReplicasAtTheSameTimeWaitsTogether() throws Exception {
        startReplica();
        Gateway gateway = gateway(REPLICATED);
        gateway.accept("o", "first", recipient(true));
        List<Uni<Acceptance>> many =
                events(400).map(event -> offer(gateway, event)).toList();
        List<Acceptance> answers =
                result(Uni.join().all(many).usingConcurrencyOf(400).andFailFast());
        assertThat(answers).hasSize(400).allMatch(Accepted.class::isInstance);
        assertThat(calls(gateway.redis(Command.INFO, "commandstats"), "wait")).isBetween(2, 100);
    }

    @Test
    void whatRedisRefusesFailsNothingThatWaitsBesideIt() throws Exception {
        startReplica();
        Gateway gateway = gateway(REPLICATED);
        gateway.accept("o", "first", recipient(true));
        Map<Boolean, List<Event>> isInRuins =
                events(40).collect(partitioningBy(event -> gateway.accept.partition(event) == 0));
        gateway.redis(Command.SET, "sluice:{0}:m", "no hash");
        // Meanwhile one is under way, and all the others gather behind it.
        signal("STOP");
        List<CompletableFuture<Acceptance>> well = accepting(gateway, isInRuins.get(false));
        List<CompletableFuture<Acceptance>> refused = accepting(gateway, isInRuins.get(true));
        signal("CONT");
        awaitAnswers(refused);
        awaitAnswers(well);
        assertThat(refused).isNotEmpty().allSatisfy(each -> assertUnavailable(each, "WRONGTYPE"));
        assertThat(well).isNotEmpty().allSatisfy(each -> assertThat(each).isCompleted());
        assertThat(accepted(gateway)).isEqualTo(well.size() + 1);
    }

    @Test
    void whatHasWaitedForTooLongIsRefusedAndNotSentAnyMore() throws Exception {
        startReplica();
        Gateway gateway = gateway(REPLICATED);
        gateway.accept("o", "first", recipient(true));
        signal("STOP");
        // More than go together: the last ones would have to wait for two groups.
        List<CompletableFuture<Acceptance>> many =
                accepting(gateway, events(1_500).toList());
        awaitAnswers(many);
        assertThat(many).allSatisfy(each -> assertUnavailable(each, ""));
        long late = many.stream()
                .filter(each -> each.handle((answer, failure) -> failure.getMessage())
                        .join()
                        .contains("more waits"))
                .count();
        assertThat(late).isPositive();
        assertThat(accepted(gateway)).isEqualTo(1 + many.size() - late);

        signal("CONT");
        await().until(() -> isTaken(gateway, event("o", "last")));
    }

    @Test
    void whatWaitsOverADeadLineFailsAndWhatComesAfterwardsGoesOn() throws Exception {
        startReplica();
        try (FaultyProxy line = new FaultyProxy(vertx, primary.port())) {
            Gateway gateway = gateway(Redis.createClient(vertx, line.uri()), REPLICATED);
            gateway.accept("o", "first", recipient(true));
            line.blackhole();
            List<CompletableFuture<Acceptance>> waiting =
                    accepting(gateway, events(40).toList());
            awaitAnswers(waiting);
            assertThat(waiting).allSatisfy(each -> assertUnavailable(each, ""));
            line.pass();
            await().until(() -> isTaken(gateway, event("o", "last")));
        }
    }

    @Test
    void aServerThatCannotKeepADiskPromiseIsNotUsed() {
        assertThatThrownBy(() -> result(gateway(new Durability.Fsync()).layout.check()))
                .isInstanceOf(Unfit.class)
                .hasMessageContaining("appendonly yes");
        gateway(MEMORY).redis(Command.CONFIG, "SET", "appendonly", "yes");
        assertThatThrownBy(() -> result(gateway(new Durability.Fsync()).layout.check()))
                .isInstanceOf(Unfit.class)
                .hasMessageContaining("appendfsync always");
        gateway(MEMORY).redis(Command.CONFIG, "SET", "appendfsync", "always");
        assertThat(gateway(new Durability.Fsync())
                        .accept("o-1", "1", recipient(true))
                        .leased())
                .hasSize(1);
    }

    /** Redis 7.2 and Valkey tell, and no jar has one of them: the variable names a server's file. */
    @Test
    @EnabledIfEnvironmentVariable(named = "VALKEY_SERVER", matches = ".+")
    void aServerThatTellsWhenSomethingIsOnItsDiskIsAskedAndBelieved() throws Exception {
        EmbeddedRedis newer = EmbeddedRedis.start(
                newerServer(), directory.resolve("newer"), EmbeddedRedis.freePort(), "--appendonly", "yes");
        Redis ofNewer = Redis.createClient(vertx, newer.uri());
        try {
            Gateway gateway = gateway(ofNewer, new Durability.Fsync());
            assertThatThrownBy(() -> result(gateway.layout.check()))
                    .isInstanceOf(Unfit.class)
                    .hasMessageContaining("before it is");
            gateway.redis(Command.CONFIG, "SET", "appendfsync", "always");
            gateway.accept("o-1", "1", recipient(true));
            assertThat(gateway.offer("o-1", "1", Gateway.WINDOW, recipient(true)))
                    .isInstanceOf(Acceptance.Duplicate.class);
            assertThat(calls(gateway.redis(Command.INFO, "commandstats"), "waitaof"))
                    .isBetween(2, 4);

            // Nobody has looked again, and it is refused at once.
            gateway.redis(Command.CONFIG, "SET", "appendonly", "no");
            assertThatThrownBy(() -> gateway.accept("o-2", "2", recipient(true)))
                    .isInstanceOf(StoreUnavailable.class);
            assertThatThrownBy(() -> gateway.offer("o-2", "2", Gateway.WINDOW, recipient(true)))
                    .isInstanceOf(StoreUnavailable.class);
        } finally {
            ofNewer.close();
            newer.close();
        }
    }

    /** The first node is a newer one, which has to be asked; the others do not know what that means. */
    @Test
    @EnabledIfEnvironmentVariable(named = "VALKEY_SERVER", matches = ".+")
    void ofAClusterEachNodeIsAskedForItsDiskAsItsOwnVersionCan() {
        try (RedisCluster cluster = RedisCluster.mixed(
                newerServer(), vertx, directory.resolve("mixed"), "--appendonly", "yes", "--appendfsync", "always")) {
            Gateway gateway = gateway(cluster.client(), new Durability.Fsync());
            events(40)
                    .forEach(event -> assertThat(result(offer(gateway, event))).isInstanceOf(Accepted.class));
            assertThat(cluster.keys(0)).isNotEmpty();
            assertThat(cluster.keys(1)).isNotEmpty();
            assertThat(calls(cluster.ask(0, Command.INFO, "commandstats"), "waitaof"))
                    .isPositive();
        }
    }

    @Test
    void afterTheServerWasReplacedNothingIsLeasedForOneLeaseByAnybody() throws Exception {
        String[] kept = {"--save", "", "--appendonly", "yes"};
        primary.close();
        primary = EmbeddedRedis.start(directory.resolve("kept"), primary.port(), kept);
        Gateway gateway = gateway(MEMORY);
        gateway.accept("o-1", "1", recipient(false));
        primary.close();
        primary = EmbeddedRedis.start(directory.resolve("kept"), primary.port(), kept);

        // One that was not there before is as careful.
        Gateway another = gateway(MEMORY);
        await().until(() -> isAnswered(another.layout.check()));
        assertNothingIsLeasedForOneLease(gateway, another);
        assertThat(gateway.claim("erp")).hasSize(2);
    }

    /** It has forgotten what was leased, and the attempts go on. */
    @Test
    void afterTheServerWasEmptiedNothingIsLeasedForOneLeaseByAnybody() {
        Gateway gateway = gateway(MEMORY);
        gateway.accept("o-1", "1", recipient(true));
        gateway.redis(Command.FLUSHALL);
        // One that is new does not know that anything was there.
        assertThat(gateway(MEMORY).accept("o-1", "1", recipient(true)).leased()).isNotEmpty();
        await().until(() -> {
            result(gateway.layout.check());
            return !gateway.layout.noLeases().isZero();
        });

        assertNothingIsLeasedForOneLease(gateway, gateway(MEMORY));
        assertThat(gateway.claim("erp")).hasSize(2);
    }

    /** Until then one event is accepted. */
    private void assertNothingIsLeasedForOneLease(Gateway gateway, Gateway another) {
        assertThat(another.accept("o-2", "2", recipient(true)).leased()).isEmpty();
        assertThat(another.claim("erp")).isEmpty();
        await().until(() -> isAnswered(gateway.layout.check()));
        assertThat(gateway.claim("erp")).isEmpty();
        long left = gateway.layout.noLeases().toMillis();
        assertThat(left).isBetween(1L, 4_000L);

        await().atMost(Duration.ofSeconds(10))
                .until(() -> gateway.layout.noLeases().isZero());
    }

    private static String newerServer() {
        return Path.of(System.getenv("VALKEY_SERVER")).toAbsolutePath().toString();
    }

    private void startReplica() throws IOException {
        replica = EmbeddedRedis.start(
                directory.resolve("replica"), "--save", "", "--replicaof", "127.0.0.1 " + primary.port());
        Gateway looking = gateway(MEMORY);
        await().until(() ->
                looking.redis(Command.INFO, "replication").toString().contains("state=online"));
    }

    private Gateway gateway(Durability durability) {
        return gateway(client, durability);
    }

    private static Gateway gateway(Redis client, Durability durability) {
        return new Gateway(client, Duration.ofSeconds(4), 4, Map.of(), Map.of("shop", durability));
    }

    private static Stream<Event> events(int count) {
        return IntStream.range(0, count).mapToObj(i -> event("o-" + i, "1"));
    }

    /** Offers them all before the first answer is waited for. */
    private static List<CompletableFuture<Acceptance>> accepting(Gateway gateway, List<Event> events) {
        return events.stream()
                .map(event -> offer(gateway, event).subscribeAsCompletionStage())
                .toList();
    }

    /** How many events Redis has, whether their senders know or not. */
    private static long accepted(Gateway gateway) {
        return result(gateway.census.take(List.of("erp"))).targets().get(0).queued();
    }

    private static void awaitAnswers(List<CompletableFuture<Acceptance>> answers) {
        await().atMost(Duration.ofSeconds(20)).until(() -> answers.stream().allMatch(CompletableFuture::isDone));
    }

    private static void assertUnavailable(CompletableFuture<?> answer, String why) {
        assertThatThrownBy(answer::join)
                .cause()
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining(why);
    }

    private static Recipient recipient(boolean room) {
        return new Recipient("erp", Recipient.Joining.IN_ORDER, room, Duration.ZERO, Optional.empty());
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(replica.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static int calls(Response stats, String command) {
        return stats.toString()
                .lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":"))
                .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf("calls=") + 6, line.indexOf(','))))
                .sum();
    }

    private static boolean isTaken(Gateway gateway, Event event) {
        return isAnswered(offer(gateway, event));
    }

    private static Uni<Acceptance> offer(Gateway gateway, Event event) {
        return gateway.accept.accept(event, Gateway.WINDOW, List.of(recipient(true)));
    }

    private static boolean isAnswered(Uni<?> call) {
        return result(call.replaceWith(true).onFailure(StoreUnavailable.class).recoverWithItem(false));
    }

    private static Told told() {
        return new Told(1, OptionalInt.empty(), Duration.ZERO, "here", null, "");
    }
}
