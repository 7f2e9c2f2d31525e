package dev.sluice.lane;

import static dev.sluice.lane.Gateway.noRoom;
import static dev.sluice.lane.Gateway.result;
import static dev.sluice.lane.Gateway.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Acceptance.Duplicate;
import dev.sluice.lane.Claim.Claimed;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.redis.Moment;
import dev.sluice.redis.StoreUnavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The invariants of the lanes, each against a real Redis. */
@TestInstance(Lifecycle.PER_CLASS)
class LaneTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Settlement DELIVERED = new Settlement.Delivered();
    private static final Standing NOW = new Standing.Waiting(Duration.ZERO);

    private EmbeddedRedis server;
    private Vertx vertx;
    private Gateway gateway;

    /** Which Redis they hold on. */
    EmbeddedRedis newServer() {
        return EmbeddedRedis.start(Path.of("target", "test-redis", "lanes"), "--save", "");
    }

    @BeforeAll
    void startRedis() {
        server = newServer();
        vertx = Vertx.vertx();
    }

    @AfterAll
    void stopRedis() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        server.close();
    }

    @BeforeEach
    void empty() {
        gateway = newGateway(LEASE, 4, Map.of());
        gateway.redis(Command.FLUSHALL);
        gateway.redis(Command.CONFIG, "SET", "maxmemory", "0");
    }

    @Test
    void anIdleLaneIsLeasedToTheGatewayThatAccepts() {
        Accepted accepted = gateway.accept("o-1", "a", room("erp"));
        assertThat(accepted.leased()).singleElement().satisfies(leased -> {
            assertThat(leased.head().id()).isEqualTo(accepted.id());
            assertThat(leased.head().content().body()).asString(UTF_8).isEqualTo("a");
        });
        assertThat(gateway.claim("erp")).isEmpty();
    }

    @Test
    void eventsOfALaneComeOutInTheOrderTheyWentInOneAtATime() {
        Leased head = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        for (int i = 1; i < 5; i++) {
            assertThat(gateway.accept("o-1", "" + i, room("erp")).leased()).isEmpty();
        }
        for (int i = 0; i < 5; i++) {
            assertThat(head.head().content().body()).asString(UTF_8).isEqualTo("" + i);
            assertThat(gateway.claim("erp")).isEmpty();
            Settled settled = gateway.settle(head, DELIVERED);
            if (i < 4) {
                head = ((Settled.Next) settled).leased();
            } else {
                assertThat(settled).isInstanceOf(Settled.Empty.class);
            }
        }
    }

    @Test
    void anEmptyLaneLeavesNoKeyAndADeliveredEventNoBody() {
        Accepted accepted = gateway.accept("o-1", "a", room("erp"), room("crm"));
        accepted.leased().forEach(leased -> gateway.settle(leased, DELIVERED));
        TreeSet<String> kinds = new TreeSet<>();
        gateway.redis(Command.KEYS, "*").forEach(key -> kinds.add(kind(key.toString())));
        // What outlives a delivery: dedup and sequences, the history where one is kept, and what belongs to no event.
        assertThat(kinds).containsExactlyInAnyOrder("d0", "s0", "h", "he", "ht", "due", "layout", "m");
    }

    @Test
    void aBodyStaysUntilEveryTargetHasIt() {
        Accepted accepted = gateway.accept("o-1", "a", room("erp"), noRoom("crm"), noRoom("bi"));
        gateway.settle(accepted.leased().get(0), DELIVERED);
        Leased crm = gateway.claim("crm").get(0);
        gateway.settle(crm, DELIVERED);
        assertThat(gateway.claim("bi").get(0).head().content().body())
                .asString(UTF_8)
                .isEqualTo("a");
    }

    @Test
    void aCrashLosesNothingTheHeadIsThereWhenTheLeaseEnds() {
        Gateway dying = newGateway(Duration.ofSeconds(1), 4, Map.of());
        Gateway other = newGateway(LEASE, 4, Map.of());
        // Connects before the lease begins.
        assertThat(other.claim("erp")).isEmpty();
        dying.accept("o-1", "a", room("erp"));
        assertThat(other.claim("erp")).isEmpty();
        List<Leased> taken = new ArrayList<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> taken.addAll(other.claim("erp")));
        assertThat(taken)
                .singleElement()
                .satisfies(leased -> assertThat(leased.head().content().body())
                        .asString(UTF_8)
                        .isEqualTo("a"));
    }

    @Test
    void aStaleLeaseCannotSettle() {
        Gateway slow = newGateway(Duration.ofMillis(200), 4, Map.of());
        Leased stale = slow.accept("o-1", "a", room("erp")).leased().get(0);
        gateway.accept("o-1", "b", room("erp"));
        List<Leased> taken = new ArrayList<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> taken.addAll(gateway.claim("erp")));
        assertThat(slow.settle(stale, DELIVERED)).isInstanceOf(Settled.Stale.class);
        assertThat(slow.settle(stale, new Settlement.Retry(Duration.ofHours(1), "late")))
                .isInstanceOf(Settled.Stale.class);
        assertThat(result(slow.renew.renew(stale.lease().partition(), List.of(stale.lease()))))
                .containsExactly(stale.lease());
        assertThat(gateway.settle(taken.get(0), DELIVERED)).isInstanceOf(Settled.Next.class);
    }

    @Test
    void aRepeatedSettlementAnswersTheSameAndPopsNothing() {
        Leased first = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        gateway.accept("o-1", "1", room("erp"));
        gateway.accept("o-1", "2", room("erp"));
        Settled.Next once = (Settled.Next) gateway.settle(first, DELIVERED);
        Settled.Next again = (Settled.Next) gateway.settle(first, DELIVERED);
        assertThat(again.leased().head().id()).isEqualTo(once.leased().head().id());
        assertThat(gateway.settle(first, new Settlement.Retry(Duration.ZERO, "no")))
                .isInstanceOf(Settled.Stale.class);
        Settled.Next last = (Settled.Next) gateway.settle(again.leased(), DELIVERED);
        assertThat(last.leased().head().content().body()).asString(UTF_8).isEqualTo("2");
    }

    /** Lanes that end together would bring more than there is memory for. */
    @Test
    void aLargeEventComesToWhoeverClaimsTheLaneAndNotWithASettlement() {
        String large = "x".repeat(40_000);
        Leased first = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        gateway.accept("o-1", large, room("erp"));
        gateway.accept("o-1", "2", room("erp"));
        assertThat(gateway.settle(first, DELIVERED)).isInstanceOf(Settled.Ready.class);
        Leased claimed = gateway.claim("erp").get(0);
        assertThat(claimed.head().content().body()).asString(UTF_8).isEqualTo(large);
        Settled.Next last = (Settled.Next) gateway.settle(claimed, DELIVERED);
        assertThat(last.leased().head().content().body()).asString(UTF_8).isEqualTo("2");
    }

    @Test
    void tokensKeepRisingWhenTheCounterIsLost() {
        Leased first = gateway.accept("o-1", "a", room("erp")).leased().get(0);
        gateway.settle(first, DELIVERED);
        Lease before = first.lease();
        gateway.redis(Command.HDEL, "sluice:{" + before.partition() + "}:m", "token");
        // No fail-over is over within the millisecond.
        long lost = System.currentTimeMillis();
        await().pollInterval(Duration.ofMillis(1)).until(() -> System.currentTimeMillis() > lost + 1);
        Lease after = gateway.accept("o-1", "b", room("erp")).leased().get(0).lease();
        assertThat(Long.parseLong(after.token())).isGreaterThan(Long.parseLong(before.token()));
    }

    @Test
    void aFailedHeadMakesItsWholeLaneWaitAndKeepsCount() {
        Leased first = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        gateway.accept("o-1", "1", room("erp"));
        assertThat(gateway.settle(first, new Settlement.Retry(Duration.ofSeconds(1), "HTTP 500")))
                .isInstanceOf(Settled.Waiting.class);
        assertThat(gateway.claim("erp")).isEmpty();
        List<Leased> again = new ArrayList<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> again.addAll(gateway.claim("erp")));
        assertThat(again.get(0).head().id()).isEqualTo(first.head().id());
        assertThat(again.get(0).attempts()).isEqualTo(1);
    }

    @Test
    void aDeadHeadIsSetAsideAndItsLaneGoesOn() {
        Leased first = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        gateway.accept("o-1", "1", room("erp"));
        Settled.Next next = (Settled.Next) gateway.settle(first, new Settlement.Dead("HTTP 500", Relief.NONE));
        assertThat(next.leased().head().content().body()).asString(UTF_8).isEqualTo("1");
        Census.Count count =
                result(gateway.census.take(List.of("erp"))).targets().get(0);
        assertThat(count.deadLetters()).isEqualTo(1);
        assertThat(count.queued()).isEqualTo(1);
    }

    @Test
    void aParkedLaneStaysBlocked() {
        Leased first = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        assertThat(gateway.settle(first, new Settlement.Park("HTTP 500"))).isInstanceOf(Settled.Parked.class);
        gateway.accept("o-1", "1", room("erp"));
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(result(gateway.due.due(first.lease().partition())).next()).isEmpty();
        assertThat(result(gateway.census.take(List.of("erp"))).targets().get(0).parked())
                .isEqualTo(1);
    }

    @Test
    void forHowLongATargetIsHeldIsToldWithWhatWaitsForIt() {
        assertThat(held()).isZero();
        result(gateway.hold.hold("erp", Duration.ofMinutes(1)));
        assertThat(held()).isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
        result(gateway.hold.resume("erp"));
        assertThat(held()).isZero();
    }

    private Duration held() {
        return counted().held();
    }

    private Census.Count counted() {
        return result(gateway.census.take(List.of("crm", "erp"))).targets().get(1);
    }

    @Test
    void howLongALaneHasWaitedForAGatewayIsToldAndOnlyThat() {
        gateway.settle(
                gateway.accept("o-1", "0", room("erp")).leased().get(0),
                new Settlement.Retry(Duration.ofHours(1), "HTTP 500"));
        gateway.accept("o-2", "0", room("erp"));
        assertThat(counted().longestReady()).isZero();

        gateway.accept("o-3", "0", noRoom("erp"));
        await().until(() -> counted().longestReady().compareTo(Duration.ofMillis(20)) > 0);
        Duration before = counted().longestReady();
        assertThat(counted().longestReady()).isGreaterThanOrEqualTo(before);

        // Another gateway would not deliver it either.
        result(gateway.hold.hold("erp", Duration.ofMinutes(1)));
        assertThat(counted().longestReady()).isZero();
        result(gateway.hold.resume("erp"));
        assertThat(counted().longestReady()).isGreaterThanOrEqualTo(before);
        gateway.claim("erp");
        assertThat(counted().longestReady()).isZero();
    }

    @Test
    void registeredWebhooksAreCountedTogetherAndLeaveNoCountBehind() {
        Leased delivering = gateway.accept("o-1", "0", room("wh_a")).leased().get(0);
        gateway.accept("o-1", "1", room("wh_a"));
        Leased failing = gateway.accept("o-2", "0", room("wh_b")).leased().get(0);
        gateway.settle(failing, new Settlement.Retry(Duration.ofHours(1), "HTTP 500"));
        Leased parking = gateway.accept("o-3", "0", room("wh_c")).leased().get(0);
        gateway.settle(parking, new Settlement.Park("HTTP 500"));
        Leased dying = gateway.accept("o-4", "0", room("wh_d")).leased().get(0);
        gateway.settle(dying, new Settlement.Dead("HTTP 500", Relief.NONE));
        gateway.accept("o-5", "0", noRoom("wh_a"), noRoom("wh_b"), room("erp"));
        Census.Counted counted = result(gateway.census.take(List.of("erp")));
        assertThat(counted.webhooks())
                .usingRecursiveComparison()
                .ignoringFields("bytes", "oldest")
                .isEqualTo(new Census.Count(6, 0, 1, 2, 1, 1, 1, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        assertThat(counted.webhooks().oldest()).isPositive();
        assertThat(counted.targets())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("bytes")
                .containsExactly(new Census.Count(1, 0, 1, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));

        Settled.Next next = (Settled.Next) gateway.settle(delivering, DELIVERED);
        gateway.settle(next.leased(), DELIVERED);
        for (String target : List.of("wh_a", "wh_b", "wh_c", "wh_d")) {
            result(gateway.drop.drop(target));
        }
        assertThat(result(gateway.census.take(List.of())).webhooks()).isEqualTo(Census.Count.NOTHING);
        assertThat(gateway.redis(Command.KEYS, "*webhooks*")).isEmpty();
    }

    @Test
    void ofManyCopiesAtOnceOneIsAcceptedAndAllBearItsIdAndSequence() {
        Gateway other = newGateway(LEASE, 4, Map.of());
        List<Uni<Acceptance>> copies = IntStream.range(0, 10)
                .mapToObj(i -> (i % 2 == 0 ? gateway : other)
                        .accept.accept(Gateway.event("o-1", "same"), Gateway.WINDOW, List.of(noRoom("erp"))))
                .toList();
        List<Acceptance> answers = result(Uni.join().all(copies).andFailFast());
        assertThat(answers).filteredOn(Accepted.class::isInstance).hasSize(1);
        assertThat(answers)
                .extracting(Acceptance::id)
                .containsOnly(answers.get(0).id());
        assertThat(answers)
                .extracting(Acceptance::sequence)
                .containsOnly(answers.get(0).sequence());
        assertThat(result(gateway.census.take(List.of("erp"))).targets().get(0).queued())
                .isEqualTo(1);
    }

    @Test
    void theDedupWindowIsFixedFromFirstSight() {
        Duration window = Duration.ofSeconds(2);
        Acceptance first = gateway.offer("o-1", "same", window, noRoom("erp"));
        List<Acceptance> answers = new ArrayList<>();
        // Asked all the time, and for less than two windows: by then a whole generation is gone, and what slid seems
        // fixed.
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofMillis(3_800))
                .until(() -> {
                    answers.add(gateway.offer("o-1", "same", window, noRoom("erp")));
                    return answers.get(answers.size() - 1) instanceof Accepted;
                });
        assertThat(answers).hasSizeGreaterThan(3);
        Acceptance second = answers.remove(answers.size() - 1);
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer).isEqualTo(new Duplicate(first.id(), first.sequence())));
        assertThat(second.sequence()).isGreaterThan(first.sequence());
        assertThat(second.id()).isNotEqualTo(first.id());
    }

    @Test
    void whatIsAcceptedAfterTheWindowWasMadeLongerIsRememberedForAllOfIt() {
        Gateway one = onePartition();
        one.offer("o-1", "0", Duration.ofMinutes(1), noRoom("erp"));
        for (String body : List.of("1", "2")) {
            one.offer("o-1", body, Gateway.WINDOW, noRoom("erp"));
            for (String key : List.of("sluice:{0}:d0:shop", "sluice:{0}:s0:shop")) {
                assertThat(one.redis(Command.PTTL, key).toLong()).isGreaterThan(Gateway.WINDOW.toMillis());
                // So that it lives for as long as Redis does, unless the next event sets it an end.
                one.redis(Command.PERSIST, key);
            }
        }
    }

    @Test
    void sequencesAreGaplessPerKeyAndBeginAtTheServersTime() {
        long before = System.currentTimeMillis() - 1000;
        long first = gateway.accept("o-1", "0", noRoom("erp")).sequence();
        assertThat(first).isBetween(before, System.currentTimeMillis() + 1000);
        gateway.accept("o-2", "x", noRoom("erp"));
        for (int i = 1; i < 20; i++) {
            assertThat(gateway.accept("o-1", "" + i, noRoom("erp")).sequence()).isEqualTo(first + i);
        }
    }

    @Test
    void aSequenceIsFoundInTheGenerationBeforeItsOwn() {
        gateway.redis(Command.FLUSHALL);
        Gateway one = newGateway(LEASE, 1, Map.of());
        Duration window = Duration.ofSeconds(2);
        long last = one.offer("o-1", "0", window, noRoom("erp")).sequence();
        List<Long> others = new ArrayList<>();
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    others.add(one.offer("o-2", "" + others.size(), window, noRoom("erp"))
                            .sequence());
                    return one.redis(Command.KEYS, "*:s1:*").size() > 0;
                });
        assertThat(one.offer("o-1", "1", window, noRoom("erp")).sequence()).isEqualTo(last + 1);
        assertThat(others).hasSizeGreaterThan(1).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aGenerationEndsByItselfAlsoWhenItBeganWithAnEventThatIsInNoOrder() {
        Gateway one = onePartition();
        Duration window = Duration.ofSeconds(1);
        one.offer("o-1", "0", window, noRoom("erp"));
        List<Event> alone = new ArrayList<>();
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    Event event = Gateway.event("", "" + alone.size());
                    alone.add(new Event(
                            event.source(),
                            event.type(),
                            null,
                            OrderingKey.alone(event.dedupId()),
                            event.dedupId(),
                            null,
                            event.content()));
                    result(one.accept.accept(alone.get(alone.size() - 1), window, List.of()));
                    return one.redis(Command.KEYS, "*:s1:*").size() > 0;
                });
        one.offer("o-1", "1", window, noRoom("erp"));
        assertThat(one.redis(Command.PTTL, "sluice:{0}:s0:shop").toLong()).isPositive();
    }

    @Test
    void anUnorderedTargetGetsEachEventInALaneOfItsOwn() {
        Recipient unordered = new Recipient("bi", Joining.ALONE, true, Duration.ZERO, Optional.empty());
        assertThat(gateway.accept("o-1", "0", unordered).leased()).hasSize(1);
        assertThat(gateway.accept("o-1", "1", unordered).leased()).hasSize(1);
    }

    @Test
    void aHoldIsOneRecordAPartitionAndNothingIsLeasedUnderIt() {
        for (int i = 0; i < 50; i++) {
            gateway.accept("o-" + i, "a", noRoom("erp"));
        }
        result(gateway.hold.hold("erp", Duration.ofMillis(1500)));
        assertThat(gateway.accept("new", "a", room("erp")).leased()).isEmpty();
        assertThat(result(gateway.claim.claim(0, "erp", 10))).isInstanceOf(Claimed.Held.class);
        assertThat(gateway.accept("new", "b", room("crm")).leased()).hasSize(1);
        List<Leased> taken = new ArrayList<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            taken.addAll(gateway.claim("erp"));
            return taken.size() == 51;
        });
    }

    @Test
    void aHoldThatThisGatewayKnowsReachesTheOthersThroughAccept() {
        Recipient held = new Recipient("erp", Joining.IN_ORDER, true, Duration.ofMinutes(1), Optional.empty());
        Accepted accepted = gateway.accept("o-1", "a", held);
        assertThat(accepted.leased()).isEmpty();
        Gateway other = newGateway(LEASE, 4, Map.of());
        assertThat(result(other.claim.claim(accepted.partition(), "erp", 10))).isInstanceOf(Claimed.Held.class);
    }

    @Test
    void claimAndDueTellWhenTheNextLaneIsDue() {
        Leased leased = gateway.accept("o-1", "a", room("erp")).leased().get(0);
        int partition = leased.lease().partition();
        gateway.settle(leased, new Settlement.Retry(Duration.ofMinutes(5), "HTTP 500"));
        Claimed.Lanes lanes = (Claimed.Lanes) result(gateway.claim.claim(partition, "erp", 10));
        assertThat(lanes.next().orElseThrow()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
        assertThat(result(gateway.due.due(partition)).next().orElseThrow())
                .isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
    }

    @Test
    void aReleasedLaneIsReadyAtOnceAndNoAttemptIsCounted() {
        Leased leased = gateway.accept("o-1", "a", room("erp")).leased().get(0);
        result(gateway.release.release(leased.lease()));
        assertThat(gateway.claim("erp"))
                .singleElement()
                .satisfies(again -> assertThat(again.attempts()).isZero());
    }

    @Test
    void aRenewedLeaseOutlivesItsFirstTerm() {
        Gateway brief = newGateway(Duration.ofSeconds(1), 4, Map.of());
        Leased leased = brief.accept("o-1", "a", room("erp")).leased().get(0);
        long end = System.nanoTime() + Duration.ofMillis(2_200).toNanos();
        await().pollInterval(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    assertThat(result(brief.renew.renew(leased.lease().partition(), List.of(leased.lease()))))
                            .isEmpty();
                    assertThat(brief.claim("erp")).isEmpty();
                    return System.nanoTime() > end;
                });
        assertThat(brief.settle(leased, DELIVERED)).isInstanceOf(Settled.Empty.class);
    }

    @Test
    void aFullRedisRefusesWholeAndDrains() {
        Leased leased = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        gateway.accept("o-1", "1", room("erp"));
        gateway.accept("o-2", "x", noRoom("erp"));
        gateway.redis(Command.CONFIG, "SET", "maxmemory", "1");
        // A gateway that starts now is seen, or it would not know where to look for what is to be drained.
        assertThat(result(gateway.pods.present(Duration.ofMinutes(1), 20, 0)).ids())
                .contains(gateway.pods.self());
        result(gateway.layout.check());
        Long keys = gateway.redis(Command.DBSIZE).toLong();
        assertThat(catchFailure(gateway.accept.accept(Gateway.event("o-3", "y"), Gateway.WINDOW, List.of(room("erp")))))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("OOM");
        assertThat(gateway.redis(Command.DBSIZE).toLong()).isEqualTo(keys);
        assertThat(result(gateway.renew.renew(leased.lease().partition(), List.of(leased.lease()))))
                .isEmpty();
        Settled.Next next = (Settled.Next) gateway.settle(leased, DELIVERED);
        assertThat(gateway.settle(next.leased(), new Settlement.Retry(Duration.ZERO, "HTTP 500")))
                .isInstanceOf(Settled.Waiting.class);
        List<Leased> rest = gateway.claim("erp");
        assertThat(rest).hasSize(2);
        rest.forEach(each -> assertThat(gateway.settle(each, DELIVERED)).isInstanceOf(Settled.Empty.class));
        gateway.redis(Command.CONFIG, "SET", "maxmemory", "0");
        assertThat(gateway.accept("o-3", "y", room("erp")).leased()).hasSize(1);
    }

    @Test
    void ofLargeHeadsNotAllAreReadAtOnce() {
        String large = "x".repeat(200_000);
        int partition = gateway.accept.partition(Gateway.event("o-1", ""));
        List<String> ofOnePartition = IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> "o-" + i)
                .filter(key -> gateway.accept.partition(Gateway.event(key, "")) == partition)
                .limit(3)
                .toList();
        ofOnePartition.forEach(key -> gateway.accept(key, key + large, noRoom("erp")));
        List<Lease> leases = ((Claimed.Lanes) result(gateway.claim.claim(partition, "erp", 10))).leases();

        List<Heads.Head> first = result(gateway.heads.read(leases));
        assertThat(first).hasSize(2);
        List<Heads.Head> rest = result(gateway.heads.read(leases.subList(2, 3)));
        assertThat(Stream.concat(first.stream(), rest.stream())
                        .map(head -> ((Heads.Head.Found) head).leased())
                        .map(leased -> new String(leased.head().content().body(), UTF_8)))
                .containsExactlyElementsOf(
                        ofOnePartition.stream().map(key -> key + large).toList());
    }

    @Test
    void aHeadThatCannotBeReadHoldsUpNoOtherLane() {
        int partition = gateway.accept.partition(Gateway.event("o-1", ""));
        List<Acceptance> ofOnePartition = IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> "o-" + i)
                .filter(key -> gateway.accept.partition(Gateway.event(key, "")) == partition)
                .limit(3)
                .<Acceptance>map(key -> gateway.accept(key, "0", noRoom("erp")))
                .toList();
        gateway.redis(
                Command.HSET,
                "sluice:{" + partition + "}:e",
                ofOnePartition.get(1).id(),
                "garbage");
        List<Lease> leases = ((Claimed.Lanes) result(gateway.claim.claim(partition, "erp", 10))).leases();

        assertThat(result(gateway.heads.read(leases)))
                .hasSize(3)
                .satisfiesOnlyOnce(head -> assertThat(head)
                        .isInstanceOfSatisfying(
                                Heads.Head.Unreadable.class,
                                unreadable -> assertThat(unreadable.reason()).isNotEmpty()))
                .filteredOn(Heads.Head.Found.class::isInstance)
                .hasSize(2);
    }

    @Test
    void aHeadOfWhichRedisHasNothingLeftIsSetAsideAndItsLaneGoesOn() {
        Leased first = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        Acceptance second = gateway.accept("o-1", "1", noRoom("erp"));
        gateway.accept("o-1", "2", noRoom("erp"));
        int partition = first.lease().partition();
        gateway.redis(Command.HDEL, "sluice:{" + partition + "}:e", second.id());
        // Not handed back as the next one, as there is nothing to hand back.
        assertThat(gateway.settle(first, DELIVERED)).isInstanceOf(Settled.Ready.class);

        Claimed.Lanes lanes = (Claimed.Lanes) result(gateway.claim.claim(partition, "erp", 10));
        Lease lease = lanes.leases().get(0);
        assertThat(result(gateway.heads.read(List.of(lease)))).containsExactly(new Heads.Head.Lost(second.id()));
        result(gateway.settle.bury(lease, second.id(), "lost"));
        assertThat(gateway.claim("erp"))
                .singleElement()
                .satisfies(last ->
                        assertThat(last.head().content().body()).asString(UTF_8).isEqualTo("2"));
    }

    @Test
    void afterALostConnectionTheLayoutIsComparedAgain() {
        Gateway other = newGateway(LEASE, 4, Map.of());
        other.accept("o-1", "0", room("erp"));
        gateway.redis(Command.HSET, "sluice:{layout}:layout", "partitions", "8");
        gateway.redis(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
        await().atMost(Duration.ofSeconds(10))
                .ignoreExceptionsInstanceOf(StoreUnavailable.class)
                .until(() -> catchThrowable(() -> other.accept("o-1", "1", room("erp"))) instanceof LayoutMismatch);
        assertThat(result(gateway.census.take(List.of("erp"))).targets().get(0).queued())
                .isEqualTo(1);
    }

    @Test
    void theHistoryTellsWhereAnEventStandsWithEachOfItsTargets() {
        Accepted first = gateway.accept("o-1", "0", room("erp"), noRoom("crm"), noRoom("bi"));
        Accepted second = gateway.accept("o-1", "1", room("erp"));
        assertThat(standings(first)).containsExactly(new Standing.Leased(), NOW, NOW);
        assertThat(standings(second)).containsExactly(new Standing.Queued(1));

        Leased head = first.leased().get(0);
        gateway.settle(head, new Settlement.Retry(Duration.ofHours(1), "HTTP 500"));
        gateway.settle(gateway.claim("crm").get(0), new Settlement.Dead("HTTP 400", Relief.NONE));
        gateway.settle(gateway.claim("bi").get(0), new Settlement.Park("HTTP 400"));
        assertThat(standings(first).get(0))
                .isInstanceOfSatisfying(
                        Standing.Waiting.class,
                        waiting ->
                                assertThat(waiting.remaining()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1)));
        assertThat(standings(first)).endsWith(new Standing.Dead(), new Standing.Parked());
        History.Story story = result(gateway.history.tell(first.id())).orElseThrow();
        assertThat(story.type()).isEqualTo("ORDER");
        assertThat(story.targets()).extracting(History.AtTarget::target).containsExactly("erp", "crm", "bi");
        assertThat(story.targets().get(0).attempts()).hasSize(1);

        result(gateway.drop.drop("erp"));
        assertThat(standings(first).get(0)).isEqualTo(new Standing.Dropped());
        assertThat(result(gateway.history.tell("3-made-up"))).isEmpty();
        assertThat(result(gateway.history.tell("made up"))).isEmpty();
    }

    @Test
    void anEventForAGreatManyTargetsReachesEachOnceAndInOrder() {
        Recipient[] many = many(350);
        gateway.accept("o-1", "0", many);
        gateway.accept("o-1", "1", many);
        assertThat(gateway.redis(Command.KEYS, "*:f")).isEmpty();
        assertThat(gateway.redis(Command.KEYS, "*:rest:*")).isEmpty();
        for (Recipient each : many) {
            Leased head = gateway.claim(each.target()).get(0);
            assertThat(head.head().content().body()).asString(UTF_8).isEqualTo("0");
            Settled.Next next = (Settled.Next) gateway.settle(head, DELIVERED);
            assertThat(next.leased().head().content().body()).asString(UTF_8).isEqualTo("1");
            assertThat(gateway.settle(next.leased(), DELIVERED)).isInstanceOf(Settled.Empty.class);
        }
        assertThat(gateway.redis(Command.KEYS, "*:e")).isEmpty();
    }

    @Test
    void whatAGatewayLeftUnspreadIsFinishedByWhoeverComesNextAndOvertakenByNothing() {
        Recipient[] many = many(250);
        // As if the gateway had died after the first step: the calls after that are not made.
        Uni<Acceptance> cutShort = gateway.accept.accept(Gateway.event("o-1", "0"), Gateway.WINDOW, List.of(many));
        String spread = cutSpreading(cutShort);
        int partition = gateway.accept.partition(Gateway.event("o-1", "0"));
        assertThat(result(gateway.due.due(partition)).unfinished())
                .singleElement()
                .satisfies(unfinished -> assertThat(unfinished.id()).isEqualTo(spread));

        Gateway other = newGateway(LEASE, 4, Map.of());
        other.accept("o-1", "1", noRoom("t249"));
        Leased head = other.claim("t249").get(0);
        assertThat(head.head().content().body()).asString(UTF_8).isEqualTo("0");
        assertThat(result(gateway.due.due(partition)).unfinished()).isEmpty();
        // Everyone has it once, whoever goes on with it now.
        result(other.spread.finish(new Spread.Unfinished(partition, "shop:k:o-1", spread)));
        assertThat(gateway.offer("o-1", "0", Gateway.WINDOW, many)).isInstanceOf(Duplicate.class);
        assertThat(result(gateway.census.take(List.of("t0", "t120", "t249"))).targets())
                .extracting(Census.Count::queued)
                .containsExactly(1L, 1L, 2L);
    }

    @Test
    void anEventIsNotWaitedForOfWhichRedisHasLostTheRestOfTheLanes() {
        Uni<Acceptance> cutShort = gateway.accept.accept(Gateway.event("o-1", "0"), Gateway.WINDOW, List.of(many(250)));
        cutSpreading(cutShort);
        gateway.redis(Command.DEL, gateway.redis(Command.KEYS, "*:rest:*").get(0));
        assertThat(gateway.offer("o-1", "1", Gateway.WINDOW, noRoom("t0"))).isInstanceOf(Accepted.class);
        assertThat(gateway.redis(Command.KEYS, "*:f")).isEmpty();
    }

    @Test
    void howAnEventEndedIsToldHoweverLongItsHistoryIs() {
        Leased leased = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        Told long500 = new Told(1, OptionalInt.of(500), Duration.ZERO, "here", "x".repeat(2_000), "");
        for (int i = 0; i < 40; i++) {
            result(gateway.settle.settle(
                    leased, new Settlement.Retry(Duration.ofMillis(1), "HTTP 500"), long500, true));
            List<Leased> again = new ArrayList<>();
            await().pollInterval(Duration.ofMillis(2)).until(() -> again.addAll(gateway.claim("erp")));
            leased = again.get(0);
        }
        gateway.settle(leased, DELIVERED);
        History.AtTarget erp = result(gateway.history.tell(leased.head().id()))
                .orElseThrow()
                .targets()
                .get(0);
        assertThat(erp.standing()).isEqualTo(new Standing.Delivered());
        assertThat(erp.attempts()).hasSizeBetween(10, 30);
    }

    @Test
    void aLongHistoryTellsWhatTheTargetAnsweredFirstAndAtTheEnd() {
        String said = "\u00e4".repeat(500);
        Told told = new Told(1, OptionalInt.of(500), Duration.ZERO, "here", "HTTP\t500", said);
        Leased leased = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        for (int i = 0; i < 20; i++) {
            result(gateway.settle.settle(leased, new Settlement.Retry(Duration.ofMillis(1), ""), told, true));
            List<Leased> again = new ArrayList<>();
            await().pollInterval(Duration.ofMillis(2)).until(() -> again.addAll(gateway.claim("erp")));
            leased = again.get(0);
        }
        result(gateway.settle.settle(leased, new Settlement.Dead("HTTP 500", Relief.NONE), told, false));
        List<Told> attempts =
                result(gateway.history.tell(leased.head().id())).orElseThrow().targets().get(0).attempts().stream()
                        .map(History.Attempt::told)
                        .toList();
        assertThat(attempts).hasSize(21).extracting(Told::error).containsOnly("HTTP 500");
        assertThat(attempts)
                .extracting(Told::excerpt)
                .startsWith(said, said, said, said, said, said, said)
                .endsWith("", said);
        assertThat(attempts.stream().filter(attempt -> attempt.excerpt().isEmpty()))
                .hasSizeBetween(12, 13);
    }

    @Test
    void theHistoryOfAnEventForVeryManyTargetsStaysShortAndTellsNothingUntrue() {
        Accepted accepted = gateway.accept("o-1", "0", many(150));
        Told long500 = new Told(1, OptionalInt.of(500), Duration.ZERO, "here", "x".repeat(2_000), "");
        for (int i = 0; i < 40; i++) {
            Leased leased = gateway.claim("t" + i).get(0);
            result(gateway.settle.settle(
                    leased, new Settlement.Retry(Duration.ofMillis(1), "HTTP 500"), long500, false));
        }
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> !gateway.claim("t39").isEmpty());
        String history = "sluice:{" + gateway.accept.partition(Gateway.event("o-1", "0")) + "}:h";
        int length = gateway.redis(Command.HSTRLEN, history, accepted.id()).toInteger();
        assertThat(length).isBetween(32_768, 35_000);
        for (int i = 0; i < 39; i++) {
            gateway.settle(gateway.claim("t" + i).get(0), DELIVERED);
        }
        assertThat(gateway.redis(Command.HSTRLEN, history, accepted.id()).toInteger())
                .isEqualTo(length);
        assertThat(result(gateway.history.tell(accepted.id())).orElseThrow().targets())
                .extracting(History.AtTarget::standing)
                .doesNotContain(new Standing.Dropped());
    }

    @Test
    void noMoreHistoriesAreKeptThanTheBound() {
        // A thousand in all, in one partition: each new one takes up to two old ones along.
        Gateway one = onePartition();
        List<Accepted> accepted = new ArrayList<>();
        for (int i = 0; i < 1_010; i++) {
            accepted.add(one.accept("o-" + i, "" + i));
        }
        assertThat(one.redis(Command.KEYS, "*:h").size()).isEqualTo(1);
        assertThat(one.redis(Command.HLEN, "sluice:{0}:h").toLong()).isLessThanOrEqualTo(1_000);
        assertThat(result(one.history.tell(accepted.get(0).id()))).isEmpty();
        assertThat(result(one.history.tell(accepted.get(1_009).id()))).isPresent();
    }

    @Test
    void whatIsDroppedLeavesNothingBehindAndWhatOthersNeedStays() {
        Accepted first = gateway.accept("o-1", "0", room("gone"), noRoom("erp"));
        gateway.accept("o-1", "1", noRoom("gone"), noRoom("erp"));
        for (int i = 0; i < 300; i++) {
            gateway.accept("many", "" + i, noRoom("gone"));
        }
        Leased dead = gateway.accept("o-2", "0", room("gone")).leased().get(0);
        gateway.settle(dead, new Settlement.Dead("HTTP 400", Relief.NONE));
        result(gateway.hold.hold("gone", Duration.ofHours(1)));

        result(gateway.drop.drop("gone"));

        assertThat(result(gateway.census.take(List.of("gone"))).targets().get(0).queued())
                .isZero();
        assertThat(gateway.redis(Command.KEYS, "*gone*")).isEmpty();
        for (Response key : gateway.redis(Command.KEYS, "*")) {
            assertThat(contents(key.toString())).as(key.toString()).doesNotContain("gone");
        }
        assertThat(gateway.settle(first.leased().get(0), DELIVERED)).isInstanceOf(Settled.Stale.class);
        Leased erp = gateway.claim("erp").get(0);
        assertThat(erp.head().content().body()).asString(UTF_8).isEqualTo("0");
        Settled.Next next = (Settled.Next) gateway.settle(erp, DELIVERED);
        gateway.settle(next.leased(), DELIVERED);
        assertThat(gateway.redis(Command.KEYS, "*:e")).isEmpty();
    }

    @Test
    void whatComesBackUnderAHoldIsDueWhenTheHoldEnds() {
        Leased failing = gateway.accept("o-1", "0", room("erp")).leased().get(0);
        Leased released = gateway.accept("o-2", "0", room("erp")).leased().get(0);
        result(gateway.hold.hold("erp", Duration.ofHours(1)));
        gateway.settle(failing, new Settlement.Retry(Duration.ofMillis(1), "HTTP 500"));
        result(gateway.release.release(released.lease()));
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> result(gateway.census.take(List.of("erp")))
                                .targets()
                                .get(0)
                                .ready()
                        == 2);
        for (Leased each : List.of(failing, released)) {
            Due.Targets due = result(gateway.due.due(each.lease().partition()));
            assertThat(due.now()).isEmpty();
            assertThat(due.next().orElseThrow()).isGreaterThan(Duration.ofMinutes(59));
        }
    }

    @Test
    void aHoldThatIsEndedMakesWhatWaitedReadyAtOnce() {
        gateway.accept("o-1", "0", noRoom("erp"));
        result(gateway.hold.hold("erp", Duration.ofDays(1)));
        gateway.accept("o-2", "0", room("erp"));
        assertThat(gateway.claim("erp")).isEmpty();
        result(gateway.hold.resume("erp"));
        assertThat(IntStream.range(0, 4)
                        .mapToObj(
                                partition -> result(gateway.due.due(partition)).now())
                        .flatMap(List::stream))
                .contains("erp");
        assertThat(gateway.claim("erp")).hasSize(2);
        assertThat(gateway.redis(Command.KEYS, "*:t")).isEmpty();
    }

    @Test
    void aGatewayWithAnotherLayoutIsTurnedAway() {
        result(newGateway(LEASE, 4, Map.of("shop", "entity /a unreadable"))
                .layout
                .check());
        result(newGateway(LEASE, 4, Map.of("depot", "source")).layout.check());
        assertThat(catchFailure(newGateway(LEASE, 8, Map.of()).layout.check()))
                .isInstanceOf(LayoutMismatch.class)
                .hasMessageContaining("partitions was '4'");
        assertThat(catchFailure(
                        newGateway(LEASE, 4, Map.of("shop", "event")).layout.check()))
                .isInstanceOf(LayoutMismatch.class)
                .hasMessageContaining("ordering of shop was 'entity /a unreadable'");
    }

    @Test
    void aGatewayIsTurnedAwayFromDataOfAnotherVersion() {
        result(newGateway(LEASE, 4, Map.of()).layout.check());
        gateway.redis(Command.HSET, "sluice:{layout}:layout", "version", "0");
        assertThat(catchFailure(newGateway(LEASE, 4, Map.of()).layout.check()))
                .isInstanceOf(LayoutMismatch.class)
                .hasMessageContaining("version was '0'");
    }

    @Test
    void anUnreadableMessageIsKeptOnceAsADeadLetterOfItsSource() {
        Event event = Gateway.event("o-1", "garbage");
        Acceptance first = result(gateway.accept.bury(event, Gateway.WINDOW, "not JSON"));
        Acceptance second = result(gateway.accept.bury(event, Gateway.WINDOW, "not JSON"));
        assertThat(second).isEqualTo(new Duplicate(first.id(), first.sequence()));
        Response graves = gateway.redis(Command.KEYS, "*:x:@shop");
        assertThat(gateway.redis(Command.ZRANGE, graves.get(0), "0", "-1")).hasSize(1);
    }

    @Test
    void gatewaysSeeEachOtherComeAndGo() {
        Gateway other = newGateway(LEASE, 4, Map.of());
        result(gateway.pods.present(Duration.ofMinutes(1), 20, 0)).ids();
        assertThat(result(other.pods.present(Duration.ofMinutes(1), 20, 0)).ids())
                .hasSize(2);
        result(gateway.pods.leave());
        assertThat(result(other.pods.present(Duration.ofMinutes(1), 20, 0)).ids())
                .containsExactly(other.pods.self());
        assertThat(other.pods.isFirst()).isTrue();
    }

    @Test
    void manyGatewaysCallLessOftenEachAndAreNotTakenForGone() {
        Duration period = Duration.ofMillis(400);
        Gateway old = newGateway(LEASE, 4, Map.of());
        result(old.pods.present(period, 2, 0)).ids();
        for (int i = 0; i < 20; i++) {
            result(newGateway(LEASE, 4, Map.of()).pods.present(period, 2, 0));
        }
        assertThat(Pods.period(period, 2, 21)).hasMillis(4_400);
        List<String> ids = new ArrayList<>();
        long end = System.nanoTime() + 4 * period.toNanos();
        await().until(() -> {
            ids.clear();
            ids.addAll(result(gateway.pods.present(period, 2, 0)).ids());
            return System.nanoTime() > end;
        });
        assertThat(ids).contains(old.pods.self()).hasSize(22);
    }

    @Test
    void gatewaysThatAllLookEverywhereNeverShareALane() throws Exception {
        for (int i = 0; i < 200; i++) {
            gateway.accept("o-" + i, "a", noRoom("erp"));
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<Leased>>> claims = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Gateway each = newGateway(LEASE, 4, Map.of());
                claims.add(threads.submit(() -> each.claim("erp", 7)));
            }
            List<String> lanes = new ArrayList<>();
            for (Future<List<Leased>> claim : claims) {
                claim.get(1, TimeUnit.MINUTES)
                        .forEach(leased -> lanes.add(leased.lease().lane()));
            }
            assertThat(lanes).doesNotHaveDuplicates().hasSize(200);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aLeaseTrustsTheClockThatSaysMoreTimeHasPassed() {
        Moment start = new Moment(0, 0);
        assertThat(start.until(new Moment(5_000_000, 1))).hasMillis(5);
        assertThat(start.until(new Moment(1_000_000, 9))).hasMillis(9);
        assertThat(start.until(new Moment(-1, -1))).isZero();
    }

    private Gateway newGateway(Duration lease, int partitions, Map<String, String> orderings) {
        return new Gateway(Redis.createClient(vertx, server.uri()), lease, partitions, orderings);
    }

    private List<Standing> standings(Acceptance acceptance) {
        return result(gateway.history.tell(acceptance.id())).orElseThrow().targets().stream()
                .map(History.AtTarget::standing)
                .toList();
    }

    private static Recipient[] many(int count) {
        return IntStream.range(0, count).mapToObj(i -> noRoom("t" + i)).toArray(Recipient[]::new);
    }

    /** Makes the call that accepts, and none after it. */
    private String cutSpreading(Uni<Acceptance> accept) {
        gateway.redis(Command.ACL, "SETUSER", "default", "-lrange");
        try {
            assertThat(catchFailure(accept)).isInstanceOf(StoreUnavailable.class);
        } finally {
            gateway.redis(Command.ACL, "SETUSER", "default", "+lrange");
        }
        Response keys = gateway.redis(Command.KEYS, "*:f");
        return gateway.redis(Command.HVALS, keys.get(0)).get(0).toString();
    }

    private Gateway onePartition() {
        gateway.redis(Command.FLUSHALL);
        return newGateway(LEASE, 1, Map.of());
    }

    /** Everything that a key holds but the histories, which outlive the targets they tell of. */
    private String contents(String key) {
        return switch (gateway.redis(Command.TYPE, key).toString()) {
            case "hash" ->
                key.endsWith(":h") ? "" : gateway.redis(Command.HGETALL, key).toString();
            case "zset" -> gateway.redis(Command.ZRANGE, key, "0", "-1").toString();
            case "list" -> gateway.redis(Command.LRANGE, key, "0", "-1").toString();
            default -> gateway.redis(Command.GET, key).toString();
        };
    }

    private static String kind(String key) {
        return key.split(":")[2];
    }

    private static Throwable catchFailure(Uni<?> call) {
        return Optional.ofNullable(catchThrowable(() -> result(call))).orElseThrow();
    }
}
