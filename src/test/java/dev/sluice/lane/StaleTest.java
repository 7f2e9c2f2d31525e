package dev.sluice.lane;

import static dev.sluice.lane.Gateway.noRoom;
import static dev.sluice.lane.Gateway.result;
import static dev.sluice.lane.Gateway.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.event.Content;
import dev.sluice.event.DedupId;
import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.event.Version;
import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Acceptance.Duplicate;
import dev.sluice.lane.Acceptance.Freshness;
import io.vertx.redis.client.Command;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events that are older than one accepted before; the stale ones of the source {@code news} are dropped, no others. */
class StaleTest {
    private static final Settlement DELIVERED = new Settlement.Delivered();

    @RegisterExtension
    static final LaneRedis REDIS = new LaneRedis("stale");

    private Gateway gateway;
    private int number;

    @BeforeEach
    void start() {
        gateway = newGateway();
    }

    @Test
    void whatIsOlderIsStaleAndMovesNothingAndWhatIsEqualIsNot() {
        assertThat(Stream.of("5", "3", "4.999999999", "5.0", "4", "18446744073709551615", "18446744073709551614", "-1")
                        .map(version -> accept("shop", "o-1", "ORDER", version).freshness()))
                .containsExactly(
                        Freshness.FRESH,
                        Freshness.STALE,
                        Freshness.STALE,
                        Freshness.FRESH,
                        Freshness.STALE,
                        Freshness.FRESH,
                        Freshness.STALE,
                        Freshness.STALE);
    }

    @Test
    void redisComparesToTheLastDigit() {
        Random random = new Random(7);
        BigDecimal newest = null;
        for (int i = 0; i < 500; i++) {
            String digits = (random.nextBoolean() ? "" : "-") + "1234567890123456789".substring(random.nextInt(19))
                    + "." + random.nextInt(3) + "0000000" + random.nextInt(3);
            // Neighbours of what was there before are the ones that are hard to tell from it.
            BigDecimal version = newest == null || random.nextInt(3) == 0
                    ? new BigDecimal(digits)
                    : newest.add(BigDecimal.valueOf(random.nextInt(5) - 2, random.nextInt(10)));
            boolean stale = newest != null && version.compareTo(newest) < 0;
            assertThat(accept("shop", "o-1", "ORDER", version.toPlainString()).freshness())
                    .as("%s after %s", version, newest)
                    .isEqualTo(stale ? Freshness.STALE : Freshness.FRESH);
            newest = stale ? newest : version;
            if (i % 50 == 0) {
                gateway.redis(Command.FLUSHALL);
                newest = null;
            }
        }
    }

    @Test
    void isComparedWithinItsSourceOrderingKeyTypeAndKindOnly() {
        assertThat(Stream.of(
                                accept("shop", "o-1", "ORDER", "5"),
                                accept("shop", "o-2", "ORDER", "4"),
                                accept("shop", "o-1", "REFUND", "3"),
                                accept("news", "o-1", "ORDER", "2"),
                                accept("shop", "o-1", "ORDER", "1970-01-01T00:00:00Z"))
                        .map(Accepted::freshness))
                .containsOnly(Freshness.FRESH);
        assertThat(accept("shop", "o-1", "ORDER", "4").freshness()).isEqualTo(Freshness.STALE);
        assertThat(accept("shop", "o-1", "ORDER", "1969-12-31T23:59:59Z").freshness())
                .isEqualTo(Freshness.STALE);
    }

    @Test
    void whatTellsNoVersionIsNotStaleAndMovesNothing() {
        accept("shop", "o-1", "ORDER", "5");
        assertThat(accept("shop", "o-1", "ORDER", "unknown").freshness()).isEqualTo(Freshness.FRESH);
        assertThat(accept("shop", "o-1", "ORDER", "4").freshness()).isEqualTo(Freshness.STALE);
    }

    @Test
    void whatIsInNoOrderIsNotCompared() {
        OrderingKey alone = OrderingKey.alone(DedupId.ofSenderId("news", "the same"));
        for (String version : List.of("2", "1")) {
            assertThat(((Accepted) offer(event("news", alone, "ORDER", version), noRoom("erp"))).freshness())
                    .isEqualTo(Freshness.FRESH);
        }
    }

    @Test
    void aStaleEventSaysSoToWhomeverDeliversIt() {
        accept("shop", "o-1", "ORDER", "2", room("erp"), room("crm"));
        Accepted stale = accept("shop", "o-1", "ORDER", "1", room("erp"), noRoom("crm"), room("bi"));
        assertThat(stale.leased())
                .singleElement()
                .satisfies(leased -> assertThat(leased.head().stale()).isTrue());
        // Another gateway takes the lanes over: what it knows of the event it has from Redis.
        assertThat(gateway.settle(stale.leased().get(0), new Settlement.Retry(Duration.ZERO, "HTTP 500")))
                .isInstanceOf(Settle.Settled.Waiting.class);
        Lease lease = stale.leased().get(0).lease();
        assertThat(gateway.redis(Command.ZSCORE, "sluice:{" + lease.partition() + "}:a:bi", lease.lane())
                        .toLong())
                .as("since when its head waits")
                .isPositive();
        Gateway other = newGateway();
        assertThat(other.claim("bi")).singleElement().satisfies(leased -> {
            assertThat(leased.head().stale()).isTrue();
            assertThat(leased.head().id()).isEqualTo(stale.id());
            assertThat(leased.head().acceptedAt()).isBetween(1L, System.currentTimeMillis() + 1_000);
            assertThat(leased.head().content().body()).asString(UTF_8).isEqualTo("1");
        });
        assertThat(result(gateway.history.tell(stale.id())).orElseThrow()).satisfies(story -> {
            assertThat(story.freshness()).isEqualTo(Freshness.STALE);
            assertThat(story.targets()).extracting(History.AtTarget::target).containsExactly("erp", "crm", "bi");
        });
    }

    @Test
    void theNextEventOfALaneSaysSoAsWellAndTheOneBeforeItDoesNot() {
        Leased first = accept("shop", "o-1", "ORDER", "2", room("erp")).leased().get(0);
        accept("shop", "o-1", "ORDER", "1", room("erp"));
        accept("shop", "o-1", "ORDER", "3", room("erp"));
        assertThat(first.head().stale()).isFalse();
        Leased second = ((Settle.Settled.Next) gateway.settle(first, DELIVERED)).leased();
        assertThat(second.head().stale()).isTrue();
        Leased third = ((Settle.Settled.Next) gateway.settle(second, DELIVERED)).leased();
        assertThat(third.head().stale()).isFalse();
    }

    @Test
    void whatIsDroppedIsNumberedAndRememberedAndGoesNowhere() {
        Accepted first = accept("news", "o-1", "ORDER", "2", room("erp"));
        gateway.settle(first.leased().get(0), DELIVERED);
        List<String> before = keys();
        Event old = event("news", OrderingKey.entity("o-1"), "ORDER", "1");
        Recipient[] many = IntStream.range(0, 250).mapToObj(i -> room("t" + i)).toArray(Recipient[]::new);
        Accepted dropped = (Accepted) offer(old, many);
        assertThat(dropped.freshness()).isEqualTo(Freshness.DROPPED);
        assertThat(dropped.sequence()).isEqualTo(first.sequence() + 1);
        assertThat(dropped.leased()).isEmpty();
        assertThat(dropped.ready()).isEmpty();
        assertThat(keys()).containsExactlyInAnyOrderElementsOf(before);

        assertThat(offer(old, many)).isEqualTo(new Duplicate(dropped.id(), dropped.sequence()));
        assertThat(accept("news", "o-1", "ORDER", "2", room("erp")).sequence()).isEqualTo(first.sequence() + 2);
    }

    @Test
    void theHistoryOfWhatIsDroppedTellsWhyItWentNowhere() {
        accept("shop", "o-1", "ORDER", "2");
        Event old = event("shop", OrderingKey.entity("o-1"), "ORDER", "1");
        Gateway dropping = REDIS.gateway(Duration.ofSeconds(30), 4, Map.of(), "shop");
        Accepted dropped =
                (Accepted) result(dropping.accept.accept(old, Gateway.WINDOW, List.of(room("erp"), noRoom("crm"))));
        assertThat(result(gateway.history.tell(dropped.id())).orElseThrow()).satisfies(story -> {
            assertThat(story.freshness()).isEqualTo(Freshness.DROPPED);
            assertThat(story.orderingKey()).isEqualTo("k:o-1");
            assertThat(story.type()).isEqualTo("ORDER");
            assertThat(story.targets()).isEmpty();
        });
    }

    @Test
    void theNewestVersionOutlivesItsGenerationUnlessOnlyOlderOnesCome() {
        Gateway one = REDIS.gateway(Duration.ofSeconds(30), 1, Map.of());
        Duration window = Duration.ofSeconds(2);
        result(one.accept.accept(event("shop", OrderingKey.entity("o-1"), "ORDER", "5"), window, List.of()));
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    result(one.accept.accept(
                            event("shop", OrderingKey.entity("o-2"), "ORDER", "1"), window, List.of()));
                    return one.redis(Command.KEYS, "*:s1:*").size() > 0;
                });
        Acceptance late =
                result(one.accept.accept(event("shop", OrderingKey.entity("o-1"), "ORDER", "4"), window, List.of()));
        assertThat(((Accepted) late).freshness()).isEqualTo(Freshness.STALE);
        // Of no more than two windows: a version that was far too high by mistake is forgotten whatever comes after it.
        List<Freshness> later = new ArrayList<>();
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    later.add(((Accepted) result(one.accept.accept(
                                    event("shop", OrderingKey.entity("o-1"), "ORDER", "4"), window, List.of())))
                            .freshness());
                    return later.contains(Freshness.FRESH);
                });
        assertThat(later).hasSizeGreaterThan(1).startsWith(Freshness.STALE);
    }

    private Accepted accept(String source, String key, String type, String version, Recipient... to) {
        return (Accepted) offer(event(source, OrderingKey.entity(key), type, version), to);
    }

    private Acceptance offer(Event event, Recipient... to) {
        return result(gateway.accept.accept(event, Gateway.WINDOW, List.of(to)));
    }

    /** Each is another one; its body is its version. */
    private Event event(String source, OrderingKey order, String type, String version) {
        return new Event(
                source,
                type,
                null,
                order,
                DedupId.ofSenderId(source, "" + number++),
                Version.read(version).orElse(null),
                new Content(null, null, version.getBytes(UTF_8)));
    }

    private List<String> keys() {
        return gateway.redis(Command.KEYS, "*").stream().map(Object::toString).toList();
    }

    private static Gateway newGateway() {
        return REDIS.gateway(Duration.ofSeconds(30), 4, Map.of(), "news");
    }
}
