package dev.sluice.lane;

import static dev.sluice.lane.Gateway.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.DedupId;
import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.event.Version;
import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Acceptance.Freshness;
import dev.sluice.lane.Census.Stock;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.lane.Settle.Settled;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Targets for which only the latest event of a key and type waits. */
class LatestTest {
    @RegisterExtension
    static final LaneRedis REDIS = new LaneRedis("latest");

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = REDIS.gateway(Duration.ofSeconds(30), 4, Map.of());
    }

    @Test
    void aNewerEventTakesThePlaceOfAnOlderOneOfItsTypeAndJoinsAtTheEnd() {
        Leased head = accept("PRICE", "0", room()).leased().get(0);
        Accepted old = accept("PRICE", "1", room());
        accept("STOCK", "2", room());
        Accepted newer = accept("PRICE", "3", room());
        assertThat(old.superseding()).isEmpty();
        assertThat(newer.superseding()).containsExactly("erp");
        assertThat(standing(old)).isEqualTo(new Standing.Superseded());
        assertThat(standing(newer)).isEqualTo(new Standing.Queued(2));
        assertThat(deliverAll(head)).containsExactly("0", "2", "3");
        assertThat(result(gateway.census.stock("erp"))).isEqualTo(new Stock(0, 0, 0, 0));
        assertThat(gateway.redis(Command.KEYS, "*latest*")).isEmpty();
        assertThat(gateway.redis(Command.KEYS, "*:e")).isEmpty();
    }

    @Test
    void whatTakesThePlaceOfAnotherNeedsNoRoom() {
        Recipient full = new Recipient("erp", Joining.LATEST, false, Duration.ZERO, Optional.of(Relief.NONE));
        Leased head = accept("PRICE", "0", room()).leased().get(0);
        accept("PRICE", "1", room());
        Accepted newer = accept("PRICE", "2", full);
        assertThat(newer.superseding()).containsExactly("erp");
        assertThat(newer.setAside()).isEmpty();
        Accepted other = accept("STOCK", "3", full);
        assertThat(other.superseding()).isEmpty();
        assertThat(other.setAside()).containsExactly("erp");
        // The one that is set aside is none that another might take the place of.
        assertThat(accept("STOCK", "4", room()).superseding()).isEmpty();
        assertThat(deliverAll(head)).containsExactly("0", "2", "4");
    }

    /** The lane would be a new one, and go on by itself. */
    @Test
    void theHeadOfAParkedLaneStays() {
        Recipient noRoom = new Recipient("erp", Joining.LATEST, false, Duration.ZERO, Optional.empty());
        Accepted head = accept("PRICE", "0", noRoom);
        LaneRef lane = result(gateway.lanes.list(List.of("erp"), Optional.empty(), Optional.empty(), 1))
                .items()
                .get(0)
                .ref();
        result(gateway.operate.park(lane));
        assertThat(accept("PRICE", "1", noRoom).superseding()).isEmpty();
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(result(gateway.lanes.see(lane)).orElseThrow().head()).isEqualTo(head.id());
        result(gateway.operate.resume(lane));
        assertThat(gateway.deliver("erp")).hasSize(2).startsWith(head.id());
    }

    @Test
    void whatOthersNeedOfASupersededEventStays() {
        Leased head = accept("PRICE", "0", room()).leased().get(0);
        accept("PRICE", "1", room(), new Recipient("crm", Joining.IN_ORDER, false, Duration.ZERO, Optional.empty()));
        accept("PRICE", "2", room(), new Recipient("crm", Joining.IN_ORDER, false, Duration.ZERO, Optional.empty()));
        assertThat(deliverAll(head)).containsExactly("0", "2");
        assertThat(deliverAll(gateway.claim("crm").get(0))).containsExactly("1", "2");
    }

    @Test
    void aHeadThatWasAttemptedStaysAndItsLaneWaitsAsLongAsItHadTo() {
        Leased head = accept("PRICE", "0", room()).leased().get(0);
        gateway.settle(head, new Settlement.Retry(Duration.ofHours(1), "HTTP 500"));
        assertThat(accept("PRICE", "1", room()).superseding()).isEmpty();
        assertThat(accept("PRICE", "2", room()).superseding()).containsExactly("erp");
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(result(gateway.census.stock("erp")).events()).isEqualTo(2);
    }

    @Test
    void aHeadThatNobodyHasTriedGivesWayAsWell() {
        accept("PRICE", "0", noRoom());
        Accepted newer = accept("PRICE", "1", noRoom());
        assertThat(newer.superseding()).containsExactly("erp");
        accept("STOCK", "2", noRoom());
        Accepted newest = accept("PRICE", "3", room());
        assertThat(newest.superseding()).containsExactly("erp");
        assertThat(standing(newer)).isEqualTo(new Standing.Superseded());
        Census.Count count =
                result(gateway.census.take(List.of("erp"))).targets().get(0);
        assertThat(count.queued()).isEqualTo(2);
        assertThat(count.ready()).isOne();
        assertThat(deliverAll(gateway.claim("erp").get(0))).containsExactly("2", "3");
        assertThat(result(gateway.census.take(List.of("erp"))).targets().get(0).leased())
                .isZero();
    }

    @Test
    void whatComesTooLateTakesNobodysPlace() {
        Accepted newer = accept("PRICE", "7", noRoom());
        Accepted late = accept("PRICE", "5", noRoom());
        assertThat(late.freshness()).isEqualTo(Freshness.STALE);
        assertThat(late.superseding()).isEmpty();
        assertThat(standing(newer)).isEqualTo(new Standing.Waiting(Duration.ZERO));
    }

    @Test
    void whatIsDroppedTakesItsTypesAlong() {
        accept("PRICE", "0", noRoom());
        result(gateway.drop.drop("erp"));
        assertThat(gateway.redis(Command.KEYS, "*erp*")).isEmpty();
    }

    private List<String> deliverAll(Leased first) {
        List<String> bodies = new ArrayList<>();
        Leased leased = first;
        while (true) {
            bodies.add(new String(leased.head().content().body(), UTF_8));
            if (gateway.settle(leased, new Settlement.Delivered()) instanceof Settled.Next next) {
                leased = next.leased();
            } else {
                return bodies;
            }
        }
    }

    private Standing standing(Accepted accepted) {
        return result(gateway.history.tell(accepted.id()))
                .orElseThrow()
                .targets()
                .get(0)
                .standing();
    }

    /** Its body is its version. */
    private Accepted accept(String type, String body, Recipient... to) {
        Event like = Gateway.event("o", body);
        Event event = new Event(
                "shop",
                type,
                null,
                OrderingKey.entity("o"),
                DedupId.ofBody("shop", like.content().body()),
                Version.read(body).orElse(null),
                like.content());
        return (Accepted) result(gateway.accept.accept(event, Gateway.WINDOW, List.of(to)));
    }

    private static Recipient room() {
        return new Recipient("erp", Joining.LATEST, true, Duration.ZERO, Optional.empty());
    }

    private static Recipient noRoom() {
        return new Recipient("erp", Joining.LATEST, false, Duration.ZERO, Optional.empty());
    }
}
