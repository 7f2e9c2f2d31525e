package dev.sluice.lane;

import static dev.sluice.lane.Gateway.noRoom;
import static dev.sluice.lane.Gateway.result;
import static dev.sluice.lane.Gateway.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Census.Count;
import dev.sluice.lane.Census.Stock;
import dev.sluice.lane.DeadLetters.DeadLetter;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.History.Step;
import dev.sluice.lane.Lanes.State;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.lane.Redrive.Moved;
import dev.sluice.lane.Redrive.OfLane;
import dev.sluice.lane.Redrive.To;
import dev.sluice.lane.Settle.Settled;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What operators see of events that were set aside, and what becomes of them when they put them back or give them up. */
class DeadLettersTest {
    private static final int PARTITIONS = 4;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Settlement DELIVERED = new Settlement.Delivered();
    private static final Settlement DEAD = new Settlement.Dead("HTTP 400", Relief.NONE);
    private static final Settlement LATER = new Settlement.Retry(Duration.ofHours(1), "HTTP 500");
    private static final String JOB = "job";
    private static final long EVER = Long.MAX_VALUE;

    @RegisterExtension
    static final LaneRedis REDIS = new LaneRedis("dead-letters");

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = REDIS.gateway(LEASE, PARTITIONS, Map.of());
    }

    /** Whatever was done: the counters tell what is there, and no body is there that nothing needs. */
    @AfterEach
    void countersAreTrue() {
        long queued = 0;
        long queuedBytes = 0;
        long dead = 0;
        long deadBytes = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            String keys = "sluice:{" + partition + "}:";
            Set<String> needed = new HashSet<>();
            for (Response queue : gateway.redis(Command.KEYS, keys + "q:*")) {
                for (Response id : gateway.redis(Command.LRANGE, queue, 0, -1)) {
                    needed.add(id.toString());
                    if (queue.toString().startsWith(keys + "q:erp:")) {
                        queued++;
                        queuedBytes += length(keys + "e", id.toString());
                    }
                }
            }
            for (Response letters : gateway.redis(Command.KEYS, keys + "x:*")) {
                for (Response letter : gateway.redis(Command.ZRANGE, letters, 0, -1)) {
                    String id = letter.toString().substring(letter.toString().lastIndexOf('|') + 1);
                    needed.add(id);
                    if (letters.toString().equals(keys + "x:erp")) {
                        dead++;
                        deadBytes += length(keys + "e", id) + length(keys + "why", letter.toString());
                    }
                }
            }
            assertThat(gateway.redis(Command.HKEYS, keys + "e").stream()
                            .map(Response::toString)
                            .filter(id -> !id.startsWith("r")))
                    .isSubsetOf(needed);
        }
        assertThat(result(gateway.census.stock("erp"))).isEqualTo(new Stock(queued, queuedBytes, dead, deadBytes));
        Count counted = result(gateway.census.take(List.of("erp"))).targets().get(0);
        assertThat(counted.queued()).isEqualTo(queued);
        assertThat(counted.deadLetters()).isEqualTo(dead);
    }

    private long length(String hash, String field) {
        return gateway.redis(Command.HSTRLEN, hash, field).toLong();
    }

    @Test
    void aDeadLetterShowsWhatItIs() {
        Leased failing = accept("o-1", 1);
        gateway.settle(failing, LATER);
        result(gateway.operate.retry(
                new LaneRef(failing.lease().partition(), failing.lease().lane())));
        gateway.settle(gateway.claim("erp").get(0), DEAD);
        DeadLetter letter = only("erp");
        assertThat(letter.ref().target()).isEqualTo("erp");
        assertThat(letter.ref().source()).isEqualTo("shop");
        assertThat(letter.ref().orderingKey()).contains("k:o-1");
        assertThat(letter.ref().event()).isEqualTo(failing.head().id());
        assertThat(letter.attempts()).isEqualTo(2);
        assertThat(letter.reason()).isEqualTo("HTTP 400");
        assertThat(letter.setAsideAt()).isGreaterThanOrEqualTo(failing.head().acceptedAt());
        assertThat(letter.event()).hasValueSatisfying(event -> {
            assertThat(event.type()).isEqualTo("ORDER");
            assertThat(event.sequence()).isEqualTo(failing.head().sequence());
            assertThat(event.acceptedAt()).isEqualTo(failing.head().acceptedAt());
        });
        assertThat(gateway.letters.named(letter.ref().text())).contains(letter.ref());
        assertThat(result(gateway.letters.see(letter.ref()))).contains(letter);
        assertThat(result(gateway.letters.content(letter.ref())).orElseThrow().body())
                .isEqualTo("0".getBytes(UTF_8));
    }

    @Test
    void whatWasNoReadableEventIsADeadLetterOfItsSource() {
        result(gateway.accept.bury(Gateway.event("o-1", "{"), Gateway.WINDOW, "it is no JSON"));
        DeadLetter letter = only(DeadLetterRef.ofSource("shop"));
        assertThat(letter.ref().isUnreadable()).isTrue();
        assertThat(letter.ref().source()).isEqualTo("shop");
        assertThat(letter.reason()).isEqualTo("it is no JSON");
        assertThat(gateway.letters.named(letter.ref().text())).contains(letter.ref());
        assertThat(result(gateway.letters.content(letter.ref())).orElseThrow().body())
                .isEqualTo("{".getBytes(UTF_8));
        assertThat(Redrive.byLane(List.of(letter.ref()))).isEmpty();
        assertThat(result(gateway.letters.drop(letter.ref()))).isTrue();
        assertThat(list("@shop", 0)).isEmpty();
    }

    @Test
    void theyComeInTheOrderInWhichTheyWereSetAsidePageByPage() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            expected.add(bury("o-" + i % 7, "" + i));
        }
        Leased other = gateway.accept("o-1", "crm", room("crm")).leased().get(0);
        gateway.settle(other, DEAD);
        assertThat(list("erp", 0))
                .extracting(letter -> letter.ref().event())
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(list("erp", 0)).extracting(DeadLetter::setAsideAt).isSorted();
        long since = list("erp", 0).get(20).setAsideAt();
        assertThat(list("erp", since))
                .hasSizeLessThanOrEqualTo(30)
                .allSatisfy(letter -> assertThat(letter.setAsideAt()).isGreaterThanOrEqualTo(since));
        assertThat(result(gateway.letters.list(List.of("crm", "erp"), 0, Optional.empty(), 50))
                        .items())
                .hasSize(31);
    }

    /** A target's backlog was full while very many came in at once. */
    @Test
    void noneIsLeftOutOfVeryManyThatWereSetAsideAtTheSameMoment() {
        String event = bury("o-1", "0");
        DeadLetterRef first = only("erp").ref();
        String key = "sluice:{" + first.partition() + "}:x:erp";
        long at = only("erp").setAsideAt();
        for (int i = 0; i < 200; i++) {
            gateway.redis(Command.ZADD, key, at, "erp:shop:k:same|0-" + "%03d".formatted(i) + "-1");
        }
        List<DeadLetter> all = pages(List.of("erp"), 0, 7);
        assertThat(all).hasSize(201);
        assertThat(all)
                .extracting(letter -> letter.ref().event())
                .doesNotHaveDuplicates()
                .contains(event);
        for (int i = 0; i < 200; i++) {
            gateway.redis(Command.ZREM, key, "erp:shop:k:same|0-" + "%03d".formatted(i) + "-1");
        }
    }

    @Test
    void givenUpItIsGoneAndWhatOthersNeedOfItStays() {
        Accepted accepted = gateway.accept("o-1", "0", room("erp"), noRoom("crm"));
        gateway.settle(accepted.leased().get(0), DEAD);
        DeadLetterRef ref = only("erp").ref();
        assertThat(result(gateway.letters.drop(ref))).isTrue();
        assertThat(result(gateway.letters.drop(ref))).isFalse();
        assertThat(result(gateway.letters.see(ref))).isEmpty();
        assertThat(result(gateway.letters.content(ref))).isEmpty();
        assertThat(standing(accepted.id(), "erp")).isEqualTo(new Standing.Dropped());
        assertThat(gateway.claim("crm")).hasSize(1);
    }

    @Test
    void putBackItIsDeliveredWithTheSameIdAndOnce() {
        String event = bury("o-1", "0");
        OfLane letters = found().get(0);
        assertThat(move(letters, To.BACK)).isEqualTo(new Moved(1, 1));
        assertThat(move(letters, To.BACK)).isEqualTo(new Moved(0, 1));
        assertThat(standing(event, "erp")).isInstanceOf(Standing.Waiting.class);
        assertThat(result(gateway.history.tell(event))
                        .orElseThrow()
                        .targets()
                        .get(0)
                        .steps())
                .extracting(Step::what)
                .containsExactly("redriven");
        assertThat(list("erp", 0)).isEmpty();
        Leased again = gateway.claim("erp").get(0);
        assertThat(again.head().id()).isEqualTo(event);
        assertThat(again.attempts()).isZero();
        assertThat(gateway.settle(again, DELIVERED)).isInstanceOf(Settled.Empty.class);
        assertThat(standing(event, "erp")).isEqualTo(new Standing.Delivered());
        assertThat(gateway.redis(Command.KEYS, "*:e").size()).isZero();
    }

    /** Its target refuses it still. */
    @Test
    void whatIsSetAsideAgainIsNotMovedAgain() {
        bury("o-1", "0");
        long until = only("erp").setAsideAt();
        OfLane letters = found().get(0);
        assertThat(result(gateway.redrive.move(JOB, letters, To.FRONT, until)).now())
                .isOne();
        gateway.awaitNextMillisecond();
        gateway.settle(gateway.claim("erp").get(0), DEAD);
        assertThat(result(gateway.redrive.move(JOB, letters, To.FRONT, until))).isEqualTo(new Moved(0, 1));
        assertThat(found(0, until)).isEmpty();
        assertThat(only("erp").setAsideAt()).isGreaterThan(until);
    }

    @Test
    void thoseOfWebhooksAreFoundTogether() {
        List<String> events = Stream.of("wh_a", "wh_b", "wh_c")
                .map(webhook ->
                        gateway.accept("o-1", webhook, room(webhook)).leased().get(0))
                .map(leased -> {
                    gateway.settle(leased, DEAD);
                    return leased.head().id();
                })
                .toList();
        bury("o-1", "0");
        List<DeadLetter> all = pages(List.of("webhooks"), 0, 2);
        assertThat(all).extracting(letter -> letter.ref().event()).containsExactlyElementsOf(events);
        List<OfLane> letters = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> result(gateway.redrive.find("webhooks", partition, 0, EVER)))
                .flatMap(List::stream)
                .filter(each -> each.target().equals("wh_a"))
                .toList();
        assertThat(move(letters.get(0), To.FRONT).now()).isOne();
        result(gateway.letters.drop(all.get(1).ref()));
        assertThat(pages(List.of("webhooks"), 0, 2)).hasSize(1);
        result(gateway.drop.drop("wh_c"));
        assertThat(gateway.redis(Command.KEYS, "*:x:webhooks")).isEmpty();
        assertThat(gateway.deliver("wh_a")).containsExactly(events.get(0));
    }

    @Test
    void aLaneThatItCreatesIsAsOldAsItsHead() {
        String event = bury("o-1", "0");
        long accepted = only("erp").event().orElseThrow().acceptedAt();
        move(found().get(0), To.BACK);
        assertThat(result(gateway.lanes.list(List.of("erp"), Optional.of(State.READY), Optional.empty(), 5))
                        .items())
                .singleElement()
                .satisfies(lane -> assertThat(lane.head()).isEqualTo(event));
        long oldest = IntStream.range(0, PARTITIONS)
                .mapToObj(i -> gateway.redis(Command.ZRANGE, "sluice:{" + i + "}:a:erp", 0, 0, "WITHSCORES"))
                .filter(answer -> answer.size() > 0)
                .mapToLong(answer -> answer.get(0).get(1).toLong())
                .min()
                .orElseThrow();
        assertThat(oldest).isEqualTo(accepted);
    }

    @Test
    void toTheBackItGoesBehindWhatIsQueued() {
        List<String> dead = List.of(bury("o-1", "0"), bury("o-1", "1"), bury("o-1", "2"));
        List<String> queued = queue("o-1", 2);
        move(found().get(0), To.BACK);
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(concat(queued, dead));
    }

    @Test
    void toTheFrontItGoesBeforeWhatIsQueued() {
        List<String> dead = List.of(bury("o-1", "0"), bury("o-1", "1"), bury("o-1", "2"));
        List<String> queued = queue("o-1", 2);
        move(found().get(0), To.FRONT);
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(concat(dead, queued));
    }

    @Test
    void toTheFrontItGoesBehindWhatIsInFlight() {
        List<String> dead = List.of(bury("o-1", "0"), bury("o-1", "1"));
        Leased sending = accept("o-1", 3);
        move(found().get(0), To.FRONT);
        assertThat(gateway.claim("erp")).isEmpty();
        List<String> order = new ArrayList<>();
        Settled settled = gateway.settle(sending, DELIVERED);
        while (settled instanceof Settled.Next next) {
            order.add(next.leased().head().id());
            settled = gateway.settle(next.leased(), DELIVERED);
        }
        assertThat(order.subList(0, 2)).containsExactlyElementsOf(dead);
        assertThat(order).hasSize(4);
    }

    /** What was set aside because the backlog was full is younger than what was queued then. */
    @Test
    void toTheFrontItGoesWhereItBelongsByItsSequence() {
        List<String> before = queue("o-1", 3);
        Recipient full = new Recipient("erp", Joining.IN_ORDER, false, Duration.ZERO, Optional.of(Relief.NONE));
        List<String> aside = IntStream.range(0, 3)
                .mapToObj(i -> gateway.accept("o-1", "full-" + i, full).id())
                .toList();
        List<String> after = IntStream.range(0, 2)
                .mapToObj(
                        i -> gateway.accept("o-1", "after-" + i, noRoom("erp")).id())
                .toList();
        // One at a time, in any order.
        for (int i : new int[] {2, 0, 1}) {
            DeadLetterRef ref = list("erp", 0).stream()
                    .map(DeadLetter::ref)
                    .filter(each -> each.event().equals(aside.get(i)))
                    .findFirst()
                    .orElseThrow();
            move(Redrive.byLane(List.of(ref)).get(0), To.FRONT);
        }
        assertThat(gateway.deliver("erp")).containsExactlyElementsOf(concat(concat(before, aside), after));
    }

    @Test
    void aHeadThatWaitsStaysCountedAsLongAsItIsTheHead() {
        String dead = bury("o-1", "dead");
        Leased failing = accept("o-1", 1);
        gateway.settle(failing, LATER);
        move(found().get(0), To.BACK);
        LaneRef lane = new LaneRef(failing.lease().partition(), failing.lease().lane());
        assertThat(result(gateway.lanes.see(lane)).orElseThrow()).satisfies(seen -> {
            assertThat(seen.state()).isEqualTo(State.WAITING);
            assertThat(seen.attempts()).isOne();
        });
        // The one behind it, once more: now before it.
        Leased head = retried(lane);
        Settled.Next next = (Settled.Next) gateway.settle(head, DELIVERED);
        gateway.settle(next.leased(), DEAD);
        assertThat(only("erp").ref().event()).isEqualTo(dead);
        Leased other = gateway.accept("o-1", "other", room("erp")).leased().get(0);
        gateway.settle(other, LATER);
        move(found().get(0), To.FRONT);
        assertThat(result(gateway.lanes.see(lane)).orElseThrow()).satisfies(seen -> {
            assertThat(seen.state()).isEqualTo(State.READY);
            assertThat(seen.head()).isEqualTo(dead);
            assertThat(seen.attempts()).isZero();
        });
    }

    @Test
    void aParkedLaneStaysParked() {
        bury("o-1", "dead");
        Leased failing = accept("o-1", 1);
        gateway.settle(failing, new Settlement.Park("HTTP 400"));
        LaneRef lane = new LaneRef(failing.lease().partition(), failing.lease().lane());
        for (To to : To.values()) {
            found().forEach(letters -> move(letters, to));
            assertThat(result(gateway.lanes.see(lane)).orElseThrow().state()).isEqualTo(State.PARKED);
        }
        assertThat(gateway.claim("erp")).isEmpty();
        assertThat(result(gateway.lanes.see(lane)).orElseThrow().queued()).isEqualTo(2);
    }

    @Test
    void whatRedisHasLostStaysWhereItIs() {
        String event = bury("o-1", "0");
        DeadLetterRef ref = only("erp").ref();
        gateway.redis(Command.HDEL, "sluice:{" + ref.partition() + "}:e", event);
        assertThat(result(gateway.redrive.move(JOB, found().get(0), To.FRONT, EVER))
                        .now())
                .isZero();
        assertThat(only("erp").event()).isEmpty();
        assertThat(result(gateway.letters.content(ref))).isEmpty();
        result(gateway.letters.drop(ref));
    }

    @Test
    void thoseSetAsideSinceAreFoundAndThoseSetAsideLaterAreNot() {
        bury("o-1", "0");
        long first = only("erp").setAsideAt();
        assertThat(found(first + 1, EVER)).isEmpty();
        assertThat(found(first, first)).hasSize(1);
        assertThat(found(0, first - 1)).isEmpty();
    }

    @Test
    void aLaneWithVeryManyGoesBackInOrder() {
        Gateway one = REDIS.gateway(LEASE, 1, Map.of());
        Recipient full = new Recipient("erp", Joining.IN_ORDER, false, Duration.ZERO, Optional.of(Relief.NONE));
        String head = one.accept("o-1", "head", noRoom("erp")).id();
        List<String> aside = new ArrayList<>();
        for (int i = 0; i < 2_200; i++) {
            aside.add(one.accept("o-1", "" + i, full).id());
        }
        String after = one.accept("o-1", "after", noRoom("erp")).id();
        List<OfLane> letters = result(one.redrive.find("erp", 0, 0, EVER));
        assertThat(letters).hasSize(3);
        letters.forEach(each -> result(one.redrive.move(JOB, each, To.FRONT, EVER)));
        List<String> queued = one.redis(Command.LRANGE, "sluice:{0}:q:erp:shop:k:o-1", 0, -1).stream()
                .map(Object::toString)
                .toList();
        assertThat(queued).containsExactlyElementsOf(concat(concat(List.of(head), aside), List.of(after)));
    }

    /** Redis is not kept from others for as long as a lane is long. */
    @Test
    void whatBelongsFarFromEitherEndOfALongLaneStaysAside() {
        Gateway one = REDIS.gateway(LEASE, 1, Map.of());
        Recipient full = new Recipient("erp", Joining.IN_ORDER, false, Duration.ZERO, Optional.of(Relief.NONE));
        accept(one, "before", 5_100);
        String middle = one.accept("o-1", "middle", full).id();
        assertThat(front(one)).isOne();
        assertThat(one.redis(Command.LINDEX, "sluice:{0}:q:erp:shop:k:o-1", -1).toString())
                .isEqualTo(middle);
        String far = one.accept("o-1", "far", full).id();
        accept(one, "after", 100);
        assertThat(front(one)).isZero();
        assertThat(only("erp").ref().event()).isEqualTo(far);
        one.redis(Command.LTRIM, "sluice:{0}:q:erp:shop:k:o-1", 200, -1);
        assertThat(front(one)).isOne();
        assertThat(one.redis(Command.LINDEX, "sluice:{0}:q:erp:shop:k:o-1", -101)
                        .toString())
                .isEqualTo(far);
        one.redis(Command.FLUSHALL);
    }

    private static void accept(Gateway one, String body, int events) {
        for (int i = 0; i < events; i++) {
            one.accept("o-1", body + i, noRoom("erp"));
        }
    }

    private static int front(Gateway one) {
        return result(one.redrive.find("erp", 0, 0, EVER)).stream()
                .mapToInt(letters ->
                        result(one.redrive.move(JOB, letters, To.FRONT, EVER)).now())
                .sum();
    }

    @Test
    void namesThatSomebodyMadeUpAreOfNoDeadLetter() {
        for (String name :
                List.of("erp:shop:k:o", "erp|0-a-1", "@|0-a-1", "erp:shop:k:o|1-a-1", "erp:shop:k:o|0-a", "|", "")) {
            assertThat(gateway.letters.named(new DeadLetterRef(0, name).text()))
                    .as(name)
                    .isEmpty();
        }
        assertThat(gateway.letters.named("x")).isEmpty();
        assertThat(gateway.letters.named(new DeadLetterRef(0, "erp:shop:k:o|p|0-a-1").text()))
                .hasValueSatisfying(ref -> assertThat(ref.lane()).isEqualTo("erp:shop:k:o|p"));
    }

    private Moved move(OfLane letters, To to) {
        Moved moved = result(gateway.redrive.move(JOB, letters, to, EVER));
        countersAreTrue();
        return moved;
    }

    private List<OfLane> found() {
        return found(0, EVER);
    }

    private List<OfLane> found(long since, long until) {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> result(gateway.redrive.find("erp", partition, since, until)))
                .flatMap(List::stream)
                .toList();
    }

    private Leased retried(LaneRef lane) {
        result(gateway.operate.retry(lane));
        return gateway.claim("erp").get(0);
    }

    private List<String> queue(String key, int events) {
        return IntStream.range(0, events)
                .mapToObj(i -> gateway.accept(key, "queued-" + i, noRoom("erp")).id())
                .toList();
    }

    /** Queues so many, and leases the first of them. */
    private Leased accept(String key, int events) {
        Leased head = gateway.accept(key, "0", room("erp")).leased().get(0);
        for (int i = 1; i < events; i++) {
            gateway.accept(key, "" + i, room("erp"));
        }
        return head;
    }

    /** Sets one aside, and tells its id. */
    private String bury(String key, String body) {
        Leased leased =
                gateway.accept(key, "bury-" + body, room("erp")).leased().get(0);
        gateway.settle(leased, DEAD);
        return leased.head().id();
    }

    private DeadLetter only(String target) {
        assertThat(list(target, 0)).hasSize(1);
        return list(target, 0).get(0);
    }

    private List<DeadLetter> list(String target, long since) {
        return pages(List.of(target), since, 4);
    }

    private List<DeadLetter> pages(List<String> targets, long since, int most) {
        return Gateway.pages(most, behind -> gateway.letters.list(targets, since, behind, most));
    }

    private Standing standing(String event, String target) {
        return result(gateway.history.tell(event)).orElseThrow().targets().stream()
                .filter(at -> at.target().equals(target))
                .findFirst()
                .orElseThrow()
                .standing();
    }

    private static List<String> concat(List<String> first, List<String> second) {
        List<String> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
