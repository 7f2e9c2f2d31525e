package dev.sluice.lane;

import static dev.sluice.lane.Gateway.noRoom;
import static dev.sluice.lane.Gateway.result;
import static dev.sluice.lane.Gateway.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Census.Count;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.Lanes.Seen;
import dev.sluice.lane.Lanes.State;
import dev.sluice.lane.Operate.Operated;
import dev.sluice.lane.Settle.Settled;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What operators see of lanes, and do with one, whether somebody delivers it, nobody does, or one that has died. */
class OperateTest {
    private static final int PARTITIONS = 4;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration SHORT_LEASE = Duration.ofMillis(200);
    private static final Settlement DELIVERED = new Settlement.Delivered();
    private static final Settlement LATER = new Settlement.Retry(Duration.ofHours(1), "HTTP 500");
    private static final Operated DONE = new Operated.Done();
    private static final Operated ONCE_IT_HAS_ENDED = new Operated.Later();

    @RegisterExtension
    static final LaneRedis REDIS = new LaneRedis("operate");

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = gateway(LEASE);
    }

    /** Whatever was done: the counters tell what is there. */
    @AfterEach
    void countersAreTrue() {
        long leased = 0;
        long queued = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (Response field : gateway.redis(Command.HKEYS, key(partition, "l"))) {
                String lane = field.toString();
                if (lane.startsWith("erp:")) {
                    String record = gateway.redis(Command.HGET, key(partition, "l"), lane)
                            .toString();
                    leased += record.startsWith("0:") ? 0 : 1;
                    queued += gateway.redis(Command.LLEN, key(partition, "q:" + lane))
                            .toLong();
                }
            }
        }
        Count counted = result(gateway.census.take(List.of("erp"))).targets().get(0);
        assertThat(counted.leased()).isEqualTo(leased);
        assertThat(counted.queued()).isEqualTo(queued);
    }

    @Test
    void aLaneShowsWhatItIsAt() {
        Leased failing = accept("o-1", 3);
        gateway.settle(failing, LATER);
        assertThat(seen(failing)).satisfies(seen -> {
            assertThat(seen.state()).isEqualTo(State.WAITING);
            assertThat(seen.head()).isEqualTo(failing.head().id());
            assertThat(seen.acceptedAt()).isEqualTo(failing.head().acceptedAt());
            assertThat(seen.attempts()).isOne();
            assertThat(seen.reason()).isEqualTo("HTTP 500");
            assertThat(seen.queued()).isEqualTo(3);
            assertThat(seen.remaining()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        });
        Leased sending = accept("o-2", 1);
        assertThat(seen(sending).state()).isEqualTo(State.LEASED);
        gateway.settle(sending, DELIVERED);
        assertThat(result(gateway.lanes.see(ref(sending)))).isEmpty();
        gateway.accept("o-3", "0", noRoom("erp"));
        assertThat(list(State.READY)).extracting(Seen::state).containsExactly(State.READY);
    }

    @Test
    void aLaneThatWaitsIsRetriedNow() {
        Leased failing = accept("o-1", 1);
        gateway.settle(failing, LATER);
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(result(gateway.operate.retry(ref(failing)))).isEqualTo(DONE);
        assertThat(result(gateway.operate.retry(ref(failing)))).isEqualTo(DONE);
        assertThat(gateway.claim("erp"))
                .singleElement()
                .satisfies(again -> assertThat(again.attempts()).isOne());
        // It is being tried.
        assertThat(result(gateway.operate.retry(ref(failing)))).isEqualTo(DONE);
        assertThat(gateway.claim("erp")).isEmpty();
    }

    @Test
    void aReadyLaneThatIsRetriedKeepsItsPosition() {
        Gateway one = REDIS.gateway(LEASE, 1, Map.of());
        Accepted first = one.accept("o-1", "0", noRoom("erp"));
        one.accept("o-2", "0", noRoom("erp"));
        LaneRef ready = result(one.lanes.list(List.of("erp"), Optional.empty(), Optional.empty(), 1))
                .items()
                .get(0)
                .ref();
        one.awaitNextMillisecond();
        assertThat(result(one.operate.retry(ready))).isEqualTo(DONE);
        assertThat(one.claim("erp", 1).get(0).head().id()).isEqualTo(first.id());
    }

    @Test
    void aParkedLaneStandsStillUntilItIsResumed() {
        Leased failing = accept("o-1", 2);
        gateway.settle(failing, LATER);
        assertThat(result(gateway.operate.park(ref(failing)))).isEqualTo(DONE);
        assertThat(result(gateway.operate.park(ref(failing)))).isEqualTo(DONE);
        assertThat(seen(failing).state()).isEqualTo(State.PARKED);
        assertThat(result(gateway.operate.retry(ref(failing)))).isInstanceOf(Operated.IsParked.class);
        assertThat(gateway.accept("o-1", "more", room("erp")).leased()).isEmpty();
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(result(gateway.operate.resume(ref(failing)))).isEqualTo(DONE);
        assertThat(result(gateway.operate.resume(ref(failing)))).isEqualTo(DONE);
        assertThat(gateway.claim("erp"))
                .extracting(leased -> leased.head().id())
                .containsExactly(failing.head().id());
    }

    @Test
    void aLaneThatIsBeingDeliveredIsParkedWhenTheAttemptHasEndedHoweverItEnds() {
        for (Settlement settlement : List.of(DELIVERED, LATER)) {
            Leased sending = accept("o-" + settlement, 2);
            assertThat(result(gateway.operate.park(ref(sending)))).isEqualTo(ONCE_IT_HAS_ENDED);
            assertThat(result(gateway.operate.park(ref(sending)))).isEqualTo(ONCE_IT_HAS_ENDED);
            assertThat(seen(sending).parks()).isTrue();
            assertThat(gateway.settle(sending, settlement)).isEqualTo(new Settled.Parked());
            assertThat(seen(sending)).satisfies(seen -> {
                assertThat(seen.state()).isEqualTo(State.PARKED);
                assertThat(seen.parks()).isFalse();
                assertThat(seen.queued()).isEqualTo(settlement.equals(DELIVERED) ? 1 : 2);
            });
        }
        assertThat(gateway.claim("erp")).isEmpty();
        // Its last event is no reason to keep one.
        Leased last = accept("o-last", 1);
        result(gateway.operate.park(ref(last)));
        assertThat(gateway.settle(last, DELIVERED)).isInstanceOf(Settled.Empty.class);
        Leased next = gateway.accept("o-last", "next", room("erp")).leased().get(0);
        gateway.accept("o-last", "more", room("erp"));
        assertThat(gateway.settle(next, DELIVERED)).isInstanceOf(Settled.Next.class);
    }

    @Test
    void aWishToParkCanBeTakenBack() {
        Leased sending = accept("o-1", 2);
        result(gateway.operate.park(ref(sending)));
        assertThat(result(gateway.operate.resume(ref(sending)))).isEqualTo(DONE);
        assertThat(gateway.settle(sending, DELIVERED)).isInstanceOf(Settled.Next.class);
    }

    @Test
    void aLaneIsParkedAlsoWhenItsGatewayHasDiedOrHandsItBack() {
        gateway = gateway(SHORT_LEASE);
        Leased dying = accept("o-1", 2);
        assertThat(result(gateway.operate.park(ref(dying)))).isEqualTo(ONCE_IT_HAS_ENDED);
        await().until(() -> {
            assertThat(gateway.claim("erp")).isEmpty();
            return seen(dying).state() == State.PARKED;
        });
        assertThat(gateway.settle(dying, DELIVERED)).isInstanceOf(Settled.Stale.class);

        Leased stopping =
                gateway(LEASE).accept("o-2", "0", room("erp")).leased().get(0);
        result(gateway.operate.park(ref(stopping)));
        result(gateway.release.release(stopping.lease()));
        assertThat(seen(stopping).state()).isEqualTo(State.PARKED);
        assertThat(gateway.claim("erp")).isEmpty();
    }

    @Test
    void aLaneIsParkedAlsoWhenItsHeadIsSetAsideBetweenTheDeathOfItsGatewayAndTheNextClaim() {
        gateway = gateway(SHORT_LEASE);
        Leased dying = accept("o-1", 2);
        result(gateway.operate.park(ref(dying)));
        await().until(() -> seen(dying).state() == State.READY);
        assertThat(result(gateway.operate.skip(ref(dying), dying.head().id()))).isEqualTo(DONE);
        Leased sending = gateway(LEASE).accept("o-2", "0", room("erp")).leased().get(0);
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(seen(dying).state()).isEqualTo(State.PARKED);
        assertThat(seen(sending).state()).isEqualTo(State.LEASED);
    }

    @Test
    void parkedLanesOfWebhooksAreCountedTogether() {
        Leased failing = gateway.accept("o-1", "0", room("wh_one")).leased().get(0);
        gateway.settle(failing, LATER);
        result(gateway.operate.park(ref(failing)));
        assertThat(parkedOfWebhooks()).isOne();
        result(gateway.operate.resume(ref(failing)));
        assertThat(parkedOfWebhooks()).isZero();
        result(gateway.operate.park(ref(failing)));
        result(gateway.operate.skip(ref(failing), failing.head().id()));
        assertThat(parkedOfWebhooks()).isZero();
    }

    @Test
    void theHeadIsSetAsideAndTheLaneGoesOn() {
        Leased failing = accept("o-1", 2);
        gateway.settle(failing, LATER);
        String event = failing.head().id();
        assertThat(result(gateway.operate.skip(ref(failing), event))).isEqualTo(DONE);
        assertThat(gateway.claim("erp"))
                .singleElement()
                .satisfies(next -> assertThat(next.head().id()).isNotEqualTo(event));
        assertThat(standing(event)).isEqualTo(new Standing.Dead());
        assertThat(gateway.redis(Command.HVALS, key(failing.lease().partition(), "why"))
                        .toString())
                .contains("1:set aside by an operator; HTTP 500");
        // Said again, it takes nothing else.
        assertThat(result(gateway.operate.skip(ref(failing), event))).isEqualTo(DONE);
        assertThat(seen(failing).queued()).isOne();
    }

    @Test
    void onlyTheHeadIsSetAsideAndOnlyWhenItIsNamed() {
        Leased failing = accept("o-1", 2);
        gateway.settle(failing, LATER);
        assertThat(result(gateway.operate.skip(ref(failing), "0-another-1")))
                .isEqualTo(new Operated.OtherHead(failing.head().id()));
        assertThat(seen(failing).queued()).isEqualTo(2);
    }

    @Test
    void aParkedLaneStaysParkedWhenItsHeadIsSetAside() {
        Leased failing = accept("o-1", 2);
        gateway.settle(failing, new Settlement.Park("HTTP 400"));
        assertThat(result(gateway.operate.skip(ref(failing), failing.head().id())))
                .isEqualTo(DONE);
        assertThat(seen(failing).state()).isEqualTo(State.PARKED);
        assertThat(result(gateway.operate.skip(ref(failing), seen(failing).head())))
                .isEqualTo(DONE);
        assertThat(result(gateway.lanes.see(ref(failing)))).isEmpty();
        assertThat(result(gateway.operate.resume(ref(failing)))).isInstanceOf(Operated.Gone.class);
        assertThat(gateway.accept("o-1", "next", room("erp")).leased()).hasSize(1);
    }

    @Test
    void whatIsBeingDeliveredIsSetAsideWhenItFailsAndNotWhenItSucceeds() {
        for (Settlement settlement : List.of(LATER, new Settlement.Park("HTTP 400"))) {
            Leased sending = accept("o-" + settlement, 2);
            assertThat(result(gateway.operate.skip(ref(sending), sending.head().id())))
                    .isEqualTo(ONCE_IT_HAS_ENDED);
            assertThat(seen(sending).skips()).isEqualTo(sending.head().id());
            assertThat(gateway.settle(sending, settlement)).isInstanceOf(Settled.Next.class);
            assertThat(standing(sending.head().id())).isEqualTo(new Standing.Dead());
            assertThat(seen(sending).skips()).isEmpty();
        }
        Leased sending = accept("o-3", 2);
        result(gateway.operate.skip(ref(sending), sending.head().id()));
        assertThat(gateway.settle(sending, DELIVERED)).isInstanceOf(Settled.Next.class);
        assertThat(standing(sending.head().id())).isEqualTo(new Standing.Delivered());
    }

    @Test
    void whatWasBeingDeliveredByOneThatHasDiedIsNotSentAgainButSetAside() {
        gateway = gateway(SHORT_LEASE);
        Leased dying = accept("o-1", 2);
        result(gateway.operate.skip(ref(dying), dying.head().id()));
        Gateway other = gateway(LEASE);
        Lease lease = await().until(
                        () -> ((Claim.Claimed.Lanes)
                                        result(other.claim.claim(dying.lease().partition(), "erp", 1)))
                                .leases(),
                        leases -> !leases.isEmpty())
                .get(0);
        assertThat(result(other.heads.read(List.of(lease))))
                .containsExactly(new Heads.Head.Skipped(dying.head().id()));
        assertThat(result(other.settle.skip(lease, dying.head().id()))).isInstanceOf(Settled.Ready.class);
        assertThat(standing(dying.head().id())).isEqualTo(new Standing.Dead());
        assertThat(seen(dying)).satisfies(seen -> {
            assertThat(seen.skips()).isEmpty();
            assertThat(seen.queued()).isOne();
        });
    }

    @Test
    void lanesComeInTheOrderOfTheirHeadsAgePageByPage() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            Leased failing = gateway.accept("o-" + i, "0", room("erp")).leased().get(0);
            gateway.settle(failing, i % 5 == 0 ? new Settlement.Park("HTTP 400") : LATER);
            expected.add(failing.head().id());
        }
        gateway.accept("other", "0", room("crm"));
        List<String> sending = IntStream.range(0, 9)
                .mapToObj(i -> accept("sending-" + i, 1).head().id())
                .toList();
        expected.addAll(sending);

        List<Seen> all = pages("erp", Optional.empty(), 4);
        assertThat(all).extracting(Seen::head).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(all.subList(0, 25)).extracting(Seen::acceptedAt).isSorted();
        assertThat(pages("erp", Optional.of(State.PARKED), 2)).hasSize(5);
        assertThat(pages("erp", Optional.of(State.WAITING), 7)).hasSize(20);
        assertThat(pages("erp", Optional.of(State.LEASED), 1))
                .extracting(Seen::head)
                .containsExactlyInAnyOrderElementsOf(sending);
        assertThat(result(gateway.lanes.list(List.of("erp", "crm"), Optional.empty(), Optional.empty(), 50))
                        .items())
                .hasSize(35);
    }

    @Test
    void lanesOfAllWebhooksAreFoundTogether() {
        List<String> failing = Stream.of("wh_a", "wh_b", "wh_c")
                .map(webhook ->
                        gateway.accept("o-1", webhook, room(webhook)).leased().get(0))
                .map(leased -> {
                    boolean parks = leased.lease().target().equals("wh_b");
                    gateway.settle(leased, parks ? new Settlement.Park("HTTP 400") : LATER);
                    return leased.head().id();
                })
                .toList();
        accept("o-1", 1);
        assertThat(pages("webhooks", Optional.empty(), 2))
                .extracting(Seen::head)
                .containsExactlyElementsOf(failing);
        assertThat(pages("webhooks", Optional.of(State.PARKED), 2))
                .extracting(Seen::head)
                .containsExactly(failing.get(1));
    }

    /** One event went to very many webhooks, whose lanes stand together. */
    @Test
    void aLaneIsFoundBehindVeryManyWhoseHeadsWereAcceptedAtTheSameMoment() {
        Leased failing = gateway.accept("o-1", "0", room("wh_z")).leased().get(0);
        gateway.settle(failing, LATER);
        Stream<String> others = IntStream.range(0, 2_500)
                .boxed()
                .flatMap(i -> Stream.of(Long.toString(failing.head().acceptedAt()), "wh_a:shop:k:" + i));
        gateway.redis(
                Command.ZADD,
                Stream.concat(Stream.of(key(failing.lease().partition(), "a:webhooks")), others)
                        .toArray());
        assertThat(pages("wh_z", Optional.empty(), 1))
                .extracting(Seen::head)
                .containsExactly(failing.head().id());
    }

    @Test
    void namesThatSomebodyMadeUpAreOfNoLane() {
        for (String name :
                List.of("", "0", "0-", "x-ZQ", "9-ZXJwOnNob3A6azpv", "0-ZXJw", "0-%%%", "-1-ZXJwOnNob3A6azpv")) {
            assertThat(gateway.lanes.named(name)).as(name).isEmpty();
        }
        Leased leased = accept("ä/ö", 1);
        assertThat(gateway.lanes.named(ref(leased).text())).contains(ref(leased));
    }

    private List<Seen> pages(String target, Optional<State> state, int most) {
        return Gateway.pages(most, behind -> gateway.lanes.list(List.of(target), state, behind, most));
    }

    private List<Seen> list(State state) {
        return result(gateway.lanes.list(List.of("erp"), Optional.of(state), Optional.empty(), 50))
                .items();
    }

    /** Queues so many, and leases the first of them. */
    private Leased accept(String key, int events) {
        Leased head = gateway.accept(key, "0", room("erp")).leased().get(0);
        for (int i = 1; i < events; i++) {
            gateway.accept(key, "" + i, room("erp"));
        }
        return head;
    }

    private Seen seen(Leased leased) {
        return result(gateway.lanes.see(ref(leased))).orElseThrow();
    }

    private Standing standing(String event) {
        return result(gateway.history.tell(event))
                .orElseThrow()
                .targets()
                .get(0)
                .standing();
    }

    private static LaneRef ref(Leased leased) {
        return new LaneRef(leased.lease().partition(), leased.lease().lane());
    }

    private long parkedOfWebhooks() {
        return result(gateway.census.take(List.of("erp"))).webhooks().parked();
    }

    private static String key(int partition, String name) {
        return "sluice:{" + partition + "}:" + name;
    }

    private static Gateway gateway(Duration lease) {
        return REDIS.gateway(lease, PARTITIONS, Map.of());
    }
}
