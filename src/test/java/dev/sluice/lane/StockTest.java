package dev.sluice.lane;

import static dev.sluice.lane.Gateway.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.DedupId;
import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Census.Stock;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.lane.Settle.Settled;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much Redis holds for a target, and what is done about too much. */
class StockTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Stock NOTHING = new Stock(0, 0, 0, 0);

    @RegisterExtension
    static final LaneRedis REDIS = new LaneRedis("stock");

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = gateway(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"erp", "wh_one"})
    void whatIsQueuedAndSetAsideIsCountedWithItsSizeAndLeavesNothingBehind(String target) {
        List<Accepted> accepted = IntStream.range(0, 8)
                .mapToObj(i -> gateway.accept("o-" + i % 4, "x".repeat(1_000 * i), queued(target)))
                .toList();
        Stock all = stock(target);
        assertThat(all.events()).isEqualTo(8);
        assertThat(all.bytes()).isBetween(28_000L, 28_000L + 8 * 60);

        Leased first = gateway.claim(target, 1).get(0);
        int length = first.head().content().body().length;
        Settled.Next next = (Settled.Next) gateway.settle(first, new Settlement.Dead("HTTP 400", Relief.NONE));
        Stock one = stock(target);
        assertThat(one.events()).isEqualTo(7);
        assertThat(one.deadLetters()).isOne();
        assertThat(one.deadLetterBytes()).isBetween((long) length, length + 70L);
        // With it there is now how often it was tried, and why it was set aside.
        assertThat(one.bytes() + one.deadLetterBytes()).isEqualTo(all.bytes() + "1:HTTP 400".length());

        gateway.settle(next.leased(), new Settlement.Delivered());
        assertThat(stock(target).events()).isEqualTo(6);
        result(gateway.drop.drop(target));
        assertThat(stock(target)).isEqualTo(NOTHING);
        assertThat(gateway.redis(Command.KEYS, "*:n")).isEmpty();
        assertThat(accepted).hasSize(8);
    }

    @Test
    void forALargeDeadLetterAsManyOldOnesGoAsItIsLarge() {
        for (int i = 0; i < 50; i++) {
            gateway.accept("o", i + "x".repeat(1_000), full("erp", Relief.NONE));
        }
        long before = stock("erp").deadLetterBytes();
        gateway.accept("o", "x".repeat(20_000), full("erp", new Relief(0, 1)));
        assertThat(stock("erp").deadLetterBytes()).isBetween(before - 1_100, before);
        assertThat(stock("erp").deadLetters()).isBetween(30L, 33L);
        // Of large ones no more go than have to.
        gateway.accept("o", "x".repeat(1_001), full("erp", new Relief(0, 1)));
        assertThat(stock("erp").deadLetters()).isBetween(30L, 33L);
        long most = stock("erp").deadLetterBytes();
        gateway.accept("o", "x".repeat(5_000), full("erp", new Relief(0, 2)));
        assertThat(stock("erp").deadLetterBytes()).isLessThan(most - 4_000);
    }

    @Test
    void forSmallDeadLettersNoMoreLargeOnesGoThanTheyAreLarge() {
        for (int i = 0; i < 10; i++) {
            gateway.accept("o", i + "x".repeat(20_000), full("erp", Relief.NONE));
        }
        long before = stock("erp").deadLetterBytes();
        for (int i = 0; i < 100; i++) {
            gateway.accept("o", "small " + i, full("erp", new Relief(0, 1)));
        }
        // The first takes one with it, which makes up for all of them.
        assertThat(stock("erp").deadLetters()).isEqualTo(9 + 100);
        assertThat(stock("erp").deadLetterBytes()).isBetween(before - 20_000, before);
    }

    @Test
    void forATargetThatIsFullAnEventIsSetAsideAndItsLaneStaysAsItIs() {
        Leased head = gateway.accept("o-1", "0", leased("erp")).leased().get(0);
        Accepted second = gateway.accept("o-1", "1", full("erp", Relief.NONE), queued("crm"));
        assertThat(second.setAside()).containsExactly("erp");
        assertThat(second.ready()).containsExactly("crm");
        assertThat(second.leased()).isEmpty();
        assertThat(result(gateway.history.tell(second.id())).orElseThrow().targets())
                .satisfiesExactly(
                        erp -> {
                            assertThat(erp.target()).isEqualTo("erp");
                            assertThat(erp.standing()).isEqualTo(new Standing.Dead());
                            assertThat(erp.attempts()).isEmpty();
                        },
                        crm -> assertThat(crm.target()).isEqualTo("crm"));
        assertThat(stock("erp").deadLetters()).isOne();
        gateway.accept("o-1", "2", queued("erp"));
        Settled.Next next = (Settled.Next) gateway.settle(head, new Settlement.Delivered());
        assertThat(next.leased().head().content().body()).asString(UTF_8).isEqualTo("2");
        assertThat(gateway.settle(next.leased(), new Settlement.Delivered())).isInstanceOf(Settled.Empty.class);
        Accepted again = gateway.accept("o-2", "0", full("erp", Relief.NONE));
        assertThat(again.setAside()).containsExactly("erp");
        assertThat(gateway.claim("erp")).isEmpty();
    }

    @Test
    void theOldestDeadLettersGoForNewerOnesAndAreCounted() {
        gateway = gateway(1);
        List<String> ids = IntStream.range(0, 5)
                .mapToObj(i -> gateway.accept("o-" + i, "" + i, full("erp", i < 3 ? Relief.NONE : new Relief(2, 0)))
                        .id())
                .toList();
        // Three, then two out and one in, and once more.
        assertThat(deadLetters("erp")).containsExactly(ids.get(4));
        Leased dying = gateway.accept("o-9", "9", leased("erp")).leased().get(0);
        gateway.settle(dying, new Settlement.Dead("HTTP 400", new Relief(1, 0)));
        assertThat(deadLetters("erp")).containsExactly(dying.head().id());
        assertThat(stock("erp").deadLetters()).isOne();
        Census.Count count =
                result(gateway.census.take(List.of("erp"))).targets().get(0);
        assertThat(count.deadLetters()).isOne();
        assertThat(count.dropped()).isEqualTo(5);
        // Their bodies are gone with them.
        assertThat(gateway.redis(Command.HLEN, "sluice:{0}:e").toInteger()).isOne();
        assertThat(gateway.redis(Command.HLEN, "sluice:{0}:why").toInteger()).isOne();
    }

    @Test
    void ofMessagesThatAreNoEventsTheNewestAreKept() {
        // One for each partition.
        gateway = gateway(100_000);
        List<Event> unreadable = IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> unreadable("not JSON " + i))
                .filter(event -> gateway.accept.partition(event) == 7)
                .limit(3)
                .toList();
        unreadable.forEach(event -> result(gateway.accept.bury(event, Gateway.WINDOW, "not JSON")));
        assertThat(gateway.redis(Command.ZCARD, "sluice:{7}:x:@shop").toInteger())
                .isEqualTo(1);
        assertThat(gateway.redis(Command.HLEN, "sluice:{7}:e").toInteger()).isOne();
    }

    private static Event unreadable(String body) {
        Event like = Gateway.event("o", body);
        DedupId id = DedupId.ofBody("shop", like.content().body());
        return new Event("shop", "", null, OrderingKey.alone(id), id, null, like.content());
    }

    private List<String> deadLetters(String target) {
        return gateway.redis(Command.ZRANGE, "sluice:{0}:x:" + target, "0", "-1").stream()
                .map(letter -> letter.toString().substring(letter.toString().indexOf('|') + 1))
                .toList();
    }

    private Stock stock(String target) {
        return result(gateway.census.stock(target));
    }

    private static Recipient leased(String target) {
        return new Recipient(target, Joining.IN_ORDER, true, Duration.ZERO, Optional.empty());
    }

    private static Recipient queued(String target) {
        return new Recipient(target, Joining.IN_ORDER, false, Duration.ZERO, Optional.empty());
    }

    private static Recipient full(String target, Relief out) {
        return new Recipient(target, Joining.IN_ORDER, false, Duration.ZERO, Optional.of(out));
    }

    private static Gateway gateway(int partitions) {
        return REDIS.gateway(LEASE, partitions, Map.of());
    }
}
