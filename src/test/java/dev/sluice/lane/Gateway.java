package dev.sluice.lane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.event.Content;
import dev.sluice.event.DedupId;
import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Acceptance.Accepted;
import dev.sluice.lane.Claim.Claimed;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.redis.Durability;
import dev.sluice.redis.RedisLink;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.Scripts;
import dev.sluice.redis.Servers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** One gateway's view of the lanes. */
final class Gateway {
    static final Duration WINDOW = Duration.ofHours(25);
    private static final Duration HISTORY = Duration.ofHours(1);
    private static final Told TOLD = new Told(1, OptionalInt.empty(), Duration.ZERO, "here", null, "");

    final LaneSettings settings;
    final RedisLink link;
    final Servers servers;
    final Scripts scripts;
    final Accept accept;
    final Claim claim;
    final Heads heads;
    final Settle settle;
    final Renew renew;
    final Release release;
    final Due due;
    final Hold hold;
    final Census census;
    final Drop drop;
    final Operate operate;
    final DeadLetters letters;
    final Redrive redrive;
    final Events events;
    final Replay replay;
    final Lanes lanes;
    final Spread spread;
    final History history;
    final Layout layout;
    final Pods pods;

    Gateway(Redis redis, Duration lease, int partitions, Map<String, String> orderings, String... droppingStale) {
        this(redis, lease, partitions, orderings, Map.of(), droppingStale);
    }

    Gateway(
            Redis redis,
            Duration lease,
            int partitions,
            Map<String, String> orderings,
            Map<String, Durability> durabilities,
            String... droppingStale) {
        this(
                redis,
                new LaneSettings(
                        partitions,
                        lease,
                        16,
                        orderings,
                        Set.of(droppingStale),
                        Map.of("shop", HISTORY),
                        1_000,
                        Map.of(),
                        0,
                        durabilities));
    }

    /** One that keeps events beyond their deliveries, up to so many bytes. */
    static Gateway retaining(Redis redis, Duration lease, Duration retention, long bytes) {
        return new Gateway(
                redis,
                new LaneSettings(
                        1,
                        lease,
                        16,
                        Map.of(),
                        Set.of(),
                        Map.of("shop", HISTORY),
                        1_000,
                        Map.of("shop", retention),
                        bytes,
                        Map.of()));
    }

    private Gateway(Redis redis, LaneSettings settings) {
        this.settings = settings;
        Map<String, Durability> durabilities = settings.durabilities();
        RedisSettings ofRedis = new RedisSettings(Duration.ofSeconds(2), Set.copyOf(durabilities.values()));
        link = new RedisLink(io.vertx.mutiny.redis.client.Redis.newInstance(redis), ofRedis);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        servers = new Servers(link, ofRedis, meters);
        scripts = new Scripts(link, servers, meters);
        layout = new Layout(scripts, servers, link, settings);
        spread = new Spread(scripts);
        accept = new Accept(scripts, spread, layout, settings);
        claim = new Claim(scripts, layout, settings);
        renew = new Renew(scripts, settings);
        heads = new Heads(scripts, renew, settings);
        settle = new Settle(scripts, layout, settings);
        release = new Release(scripts);
        due = new Due(scripts);
        hold = new Hold(scripts, settings);
        history = new History(scripts, settings);
        drop = new Drop(scripts, settings);
        operate = new Operate(scripts, settings);
        letters = new DeadLetters(scripts, settings);
        redrive = new Redrive(letters, scripts, settings);
        events = new Events(scripts, settings);
        replay = new Replay(events, scripts, settings);
        lanes = new Lanes(scripts, settings);
        census = new Census(scripts, settings);
        pods = new Pods(scripts);
    }

    Accepted accept(String key, String body, Recipient... to) {
        return (Accepted) offer(key, body, WINDOW, to);
    }

    Acceptance offer(String key, String body, Duration window, Recipient... to) {
        return result(accept.accept(event(key, body), window, List.of(to)));
    }

    List<Leased> claim(String target) {
        return claim(target, 100);
    }

    /** Claims everything that is ready, everywhere, at most so many lanes at once. */
    List<Leased> claim(String target, int most) {
        List<Leased> all = new ArrayList<>();
        for (int partition = 0; partition < settings.partitions(); partition++) {
            while (result(claim.claim(partition, target, most)) instanceof Claimed.Lanes lanes
                    && !lanes.leases().isEmpty()) {
                read(lanes.leases()).stream()
                        .filter(Heads.Head.Found.class::isInstance)
                        .map(head -> ((Heads.Head.Found) head).leased())
                        .forEach(all::add);
            }
        }
        return all;
    }

    /** However many answers that takes. */
    private List<Heads.Head> read(List<Lease> leases) {
        List<Heads.Head> read = new ArrayList<>();
        while (read.size() < leases.size()) {
            read.addAll(result(heads.read(leases.subList(read.size(), leases.size()))));
        }
        return read;
    }

    Settled settle(Leased leased, Settlement settlement) {
        return result(settle.settle(leased, settlement, TOLD, true));
    }

    /** Delivers all that is ready, lane by lane, and tells in what order. */
    List<String> deliver(String target) {
        List<String> order = new ArrayList<>();
        for (Leased first : claim(target)) {
            Settled settled = deliver(first, order);
            while (settled instanceof Settled.Next next) {
                settled = deliver(next.leased(), order);
            }
        }
        return order;
    }

    private Settled deliver(Leased leased, List<String> order) {
        order.add(leased.head().id());
        return settle(leased, new Settlement.Delivered());
    }

    /** Goes through a list to its end, with at most so many on a page. */
    static <T> List<T> pages(int most, Function<Optional<Position>, Uni<Page<T>>> list) {
        List<T> all = new ArrayList<>();
        Optional<Position> behind = Optional.empty();
        int pages = 0;
        do {
            Page<T> page = result(list.apply(behind));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(most);
            all.addAll(page.items());
            behind = page.next();
            assertThat(++pages).isLessThan(100);
        } while (behind.isPresent());
        return all;
    }

    Response redis(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) {
            request.arg(arg.toString());
        }
        return result(link.send(request));
    }

    /** Returns when the clock of Redis, which counts in milliseconds, shows a later time than now. */
    void awaitNextMillisecond() {
        long now = redisMillis();
        await().pollInterval(Duration.ofMillis(1)).until(() -> redisMillis() > now);
    }

    private long redisMillis() {
        Response time = redis(Command.TIME);
        return time.get(0).toLong() * 1_000 + time.get(1).toLong() / 1_000;
    }

    static Event event(String key, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return new Event(
                "shop",
                "ORDER",
                null,
                OrderingKey.entity(key),
                DedupId.ofBody("shop", (key + body).getBytes(UTF_8)),
                null,
                new Content("application/json", null, bytes));
    }

    /** One that may lease an idle lane at once. */
    static Recipient room(String target) {
        return new Recipient(target, Joining.IN_ORDER, true, Duration.ZERO, Optional.empty());
    }

    /** One whose events wait until they are claimed. */
    static Recipient noRoom(String target) {
        return new Recipient(target, Joining.IN_ORDER, false, Duration.ZERO, Optional.empty());
    }

    static <T> T result(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(10));
    }
}
