package dev.sluice.lane;

import static dev.sluice.lane.Gateway.noRoom;
import static dev.sluice.lane.Gateway.result;
import static dev.sluice.lane.Gateway.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Census.Counted;
import dev.sluice.lane.Events.FoundEvent;
import dev.sluice.lane.Events.Taken;
import dev.sluice.lane.Events.Wanted;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.Replay.Progress;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is kept of events beyond their deliveries: how they are found, and sent once more. */
class ReplayTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final long LARGE = 10_000_000;
    private static final Settlement DELIVERED = new Settlement.Delivered();
    private static final Wanted ANY = wanted(0, Long.MAX_VALUE);
    private static final String JOB = "job";

    @RegisterExtension
    static final LaneRedis REDIS = new LaneRedis("replay");

    private Gateway gateway = REDIS.retaining(LEASE, HOUR, LARGE);

    @Test
    void whatATargetHasTakenIsSentOnceMoreInOrder() {
        List<String> sent = deliver("o-1", 5);
        Progress progress = replay("erp", ANY, Progress.BEGINNING, 100);
        assertThat(progress.isAll()).isTrue();
        assertThat(progress.moved()).isEqualTo(5);
        assertThat(standing(sent.get(0))).isInstanceOf(Standing.Waiting.class);
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(sent);
        assertThat(standing(sent.get(0))).isEqualTo(new Standing.Delivered());
        assertThat(retained().retained()).isEqualTo(5);
        // It is still kept.
        assertThat(result(gateway.replay.step("again", "erp", ANY, 0, Progress.BEGINNING, 100))
                        .moved())
                .isEqualTo(5);
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(sent);
    }

    /** The answer was lost, or another gateway had gone on. */
    @Test
    void aStepThatIsRepeatedMovesNothingTwice() {
        List<String> sent = deliver("o-1", 5);
        Progress two = replay("erp", ANY, Progress.BEGINNING, 2);
        assertThat(two.moved()).isEqualTo(2);
        assertThat(two.now()).isEqualTo(2);
        assertThat(two.isAll()).isFalse();
        Progress again = replay("erp", ANY, Progress.BEGINNING, 2);
        assertThat(again.place()).isEqualTo(two.place());
        assertThat(again.moved()).isEqualTo(2);
        assertThat(again.now()).isZero();
        assertThat(again.isAll()).isFalse();
        Progress all = again;
        while (!all.isAll()) {
            all = replay("erp", ANY, all, 2);
        }
        assertThat(all.moved()).isEqualTo(5);
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(sent);
    }

    @Test
    void onlyWhatThatTargetHasTakenIsSentOnceMore() {
        Accepted both = gateway.accept("o-1", "both", room("erp"), room("crm"));
        both.leased().forEach(leased -> gateway.settle(leased, DELIVERED));
        Accepted other = gateway.accept("o-1", "crm", room("crm"));
        gateway.settle(other.leased().get(0), DELIVERED);
        Leased dead = gateway.accept("o-1", "dead", room("erp")).leased().get(0);
        gateway.settle(dead, new Settlement.Dead("HTTP 400", Relief.NONE));
        gateway.accept("o-1", "queued", noRoom("erp"));
        assertThat(replay("erp", ANY, Progress.BEGINNING, 100).moved()).isOne();
        assertThat(gateway.deliver("erp")).hasSize(2).contains(both.id()).doesNotContain(other.id());
        assertThat(gateway.claim("crm")).isEmpty();
    }

    @Test
    void itGoesBehindWhatIsQueued() {
        List<String> sent = deliver("o-1", 2);
        List<String> queued = IntStream.range(0, 2)
                .mapToObj(
                        i -> gateway.accept("o-1", "queued-" + i, noRoom("erp")).id())
                .toList();
        replay("erp", ANY, Progress.BEGINNING, 100);
        assertThat(gateway.deliver("erp")).containsExactly(queued.get(0), queued.get(1), sent.get(0), sent.get(1));
    }

    /** As long as it waits to be sent once more, it is not sent twice more. */
    @Test
    void twoReplaysOfTheSameSendItOnce() {
        List<String> sent = deliver("o-1", 2);
        replay("erp", ANY, Progress.BEGINNING, 100);
        assertThat(result(gateway.replay.step("other", "erp", ANY, 0, Progress.BEGINNING, 100))
                        .moved())
                .isZero();
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(sent);
    }

    /** Both have found it before either has put it back. */
    @Test
    void twoReplaysAtTheSameTimeSendItOnce() {
        List<String> sent = deliver("o-1", 50);
        Found<Taken> found = result(gateway.events.taken("erp", ANY, 0, ANY.beginning(), 100));
        assertThat(found.items()).hasSize(50);
        assertThat(result(gateway.replay.move("one", "erp", 0, Progress.BEGINNING, found))
                        .moved())
                .isEqualTo(50);
        assertThat(result(gateway.replay.move("other", "erp", 0, Progress.BEGINNING, found))
                        .moved())
                .isZero();
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(sent);
        assertThat(retained().retained()).isEqualTo(50);
    }

    /** Of an event of very many lanes the history does not tell all. */
    @Test
    void whatIsNotToldWholeIsNotSentOnceMore() {
        String id = deliver("o-1", 1).get(0);
        String told = gateway.redis(Command.HGET, "sluice:{0}:h", id).toString();
        gateway.redis(Command.HSET, "sluice:{0}:h", id, told + "\nwh_a:shop:k:o\t1\tdelivered\t" + "x".repeat(33_000));
        assertThat(replay("erp", ANY, Progress.BEGINNING, 100).moved()).isZero();
    }

    @Test
    void onlyWhatWasAcceptedThenAndCameFromThatSourceIsSentOnceMore() {
        deliver("o-1", 3);
        List<FoundEvent> all = find(ANY, 50);
        long second = all.get(1).acceptedAt();
        long from = all.stream().filter(event -> event.acceptedAt() >= second).count();
        assertThat(replay("erp", wanted(second, Long.MAX_VALUE), Progress.BEGINNING, 100)
                        .moved())
                .isEqualTo(from);
        Wanted elsewhere = new Wanted(Optional.of("other"), Optional.empty(), Optional.empty(), 0, Long.MAX_VALUE);
        assertThat(result(gateway.replay.step("other", "erp", elsewhere, 0, Progress.BEGINNING, 100))
                        .moved())
                .isZero();
        assertThat(result(gateway.replay.step("before", "erp", wanted(0, 1), 0, Progress.BEGINNING, 100))
                        .moved())
                .isZero();
    }

    @Test
    void whatIsKeptNoLongerIsGoneAndNotSentOnceMore() {
        Duration length = Duration.ofMillis(50);
        gateway = REDIS.retaining(LEASE, length, LARGE);
        deliver("o-1", 3);
        await().until(() -> retained().retained() == 0);
        assertThat(retained().retainedBytes()).isZero();
        assertThat(gateway.redis(Command.EXISTS, "sluice:{0}:e", "sluice:{0}:k").toLong())
                .isZero();
        assertThat(replay("erp", ANY, Progress.BEGINNING, 100).moved()).isZero();
        assertThat(gateway.deliver("erp")).isEmpty();
    }

    @Test
    void whatIsNotDeliveredStaysWhenItIsKeptNoLonger() {
        gateway = REDIS.retaining(LEASE, Duration.ofMillis(50), LARGE);
        String id = gateway.accept("o-1", "0", noRoom("erp"), noRoom("crm")).id();
        await().until(() -> retained().retained() == 0);
        assertThat(gateway.deliver("erp")).containsExactly(id);
        assertThat(gateway.claim("crm")).singleElement().satisfies(leased -> {
            assertThat(leased.head().id()).isEqualTo(id);
            gateway.settle(leased, DELIVERED);
        });
        assertThat(gateway.redis(Command.EXISTS, "sluice:{0}:e").toLong()).isZero();
    }

    @Test
    void noMoreIsKeptThanFits() {
        gateway = REDIS.retaining(LEASE, HOUR, 2_000);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add(deliver("o-1", "" + i));
            // Events that are settled within one millisecond are equally old.
            gateway.awaitNextMillisecond();
        }
        assertThat(retained().retainedBytes()).isBetween(1_000L, 2_000L);
        long kept = retained().retained();
        assertThat(gateway.redis(Command.HLEN, "sluice:{0}:e").toLong()).isEqualTo(kept);
        assertThat(replay("erp", ANY, Progress.BEGINNING, 200).moved()).isEqualTo(kept);
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(sent.subList(100 - (int) kept, 100));
        // One that is too large by itself is not kept, and delivered all the same.
        String large = gateway.accept("o-2", "x".repeat(3_000), noRoom("erp")).id();
        assertThat(gateway.deliver("erp")).containsExactly(large);
        assertThat(retained().retained()).isZero();
    }

    @Test
    void withoutARetentionNothingIsKept() {
        gateway = REDIS.gateway(LEASE, 1, Map.of());
        deliver("o-1", 3);
        assertThat(gateway.redis(Command.EXISTS, "sluice:{0}:e", "sluice:{0}:k").toLong())
                .isZero();
        assertThat(replay("erp", ANY, Progress.BEGINNING, 100).moved()).isZero();
        assertThat(gateway.deliver("erp")).isEmpty();
    }

    @Test
    void eventsAreFoundByWhatIsKnownOfThemPageByPage() {
        gateway = REDIS.gateway(LEASE, 4, Map.of());
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(gateway.accept("o-" + i % 5, "" + i, noRoom("erp")).id());
        }
        List<FoundEvent> found = find(ANY, 7);
        assertThat(found).extracting(FoundEvent::id).containsExactlyInAnyOrderElementsOf(all);
        assertThat(found).extracting(FoundEvent::acceptedAt).isSorted();
        assertThat(find(
                        new Wanted(Optional.of("shop"), Optional.of("ORDER"), Optional.of("k:o-3"), 0, Long.MAX_VALUE),
                        3))
                .hasSize(8)
                .allSatisfy(event -> {
                    assertThat(event.orderingKey()).isEqualTo("k:o-3");
                    assertThat(event.source()).isEqualTo("shop");
                    assertThat(event.type()).isEqualTo("ORDER");
                    assertThat(event.sequence()).isPositive();
                });
        assertThat(find(new Wanted(Optional.of("other"), Optional.empty(), Optional.empty(), 0, Long.MAX_VALUE), 3))
                .isEmpty();
        assertThat(find(new Wanted(Optional.empty(), Optional.of("OTHER"), Optional.empty(), 0, Long.MAX_VALUE), 3))
                .isEmpty();
        long middle = found.get(20).acceptedAt();
        assertThat(find(wanted(middle, Long.MAX_VALUE), 50).size()
                        + find(wanted(0, middle - 1), 50).size())
                .isEqualTo(40);
        assertThat(find(wanted(middle, middle), 50))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.acceptedAt()).isEqualTo(middle));
    }

    @Test
    void whatNoHistoryIsKeptOfAnyMoreLeavesNothingToBeFound() {
        for (int i = 0; i < 1_100; i++) {
            gateway.accept("o-1", "" + i, noRoom("erp"));
        }
        // One that the bound does not yet know of; no more go than are too many.
        gateway.redis(Command.ZADD, "sluice:{0}:he", Long.MAX_VALUE, "0-another-1");
        retained();
        assertThat(gateway.redis(Command.ZCARD, "sluice:{0}:he").toLong()).isEqualTo(1_000);
        assertThat(gateway.redis(Command.ZCARD, "sluice:{0}:ht").toLong())
                .isEqualTo(gateway.redis(Command.HLEN, "sluice:{0}:h").toLong())
                .isEqualTo(999);
    }

    @Test
    void oneIsFoundBehindVeryManyOthers() {
        for (int i = 0; i < 700; i++) {
            gateway.accept("o-1", "" + i, noRoom("erp"));
        }
        String wanted = gateway.accept("wanted", "0", noRoom("erp")).id();
        Wanted key = new Wanted(Optional.empty(), Optional.empty(), Optional.of("k:wanted"), 0, Long.MAX_VALUE);
        // Redis is not kept from others until it is.
        Found<Taken> some = result(gateway.events.taken("", key, 0, key.beginning(), 5));
        assertThat(some.items()).isEmpty();
        assertThat(some.until()).isPresent();
        assertThat(find(key, 5)).extracting(FoundEvent::id).containsExactly(wanted);
    }

    private Progress replay(String target, Wanted wanted, Progress before, int most) {
        return result(gateway.replay.step(JOB, target, wanted, 0, before, most));
    }

    private List<FoundEvent> find(Wanted wanted, int most) {
        return Gateway.pages(most, behind -> gateway.events.find(wanted, behind, most));
    }

    private List<String> deliver(String key, int events) {
        return IntStream.range(0, events).mapToObj(i -> deliver(key, "" + i)).toList();
    }

    private String deliver(String key, String body) {
        Leased leased = gateway.accept(key, body, room("erp")).leased().get(0);
        gateway.settle(leased, DELIVERED);
        return leased.head().id();
    }

    private Counted retained() {
        return result(gateway.census.take(List.of("erp")));
    }

    private Standing standing(String event) {
        return result(gateway.history.tell(event))
                .orElseThrow()
                .targets()
                .get(0)
                .standing();
    }

    private static Wanted wanted(long since, long until) {
        return new Wanted(Optional.empty(), Optional.empty(), Optional.empty(), since, until);
    }
}
