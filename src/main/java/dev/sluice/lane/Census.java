package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Counts what waits for the targets, out of the counters that the scripts keep: no scan, whatever the backlog. */
@ApplicationScoped
public class Census {
    private static final int FIGURES = 9;
    private static final int FIGURES_OF_TARGET = FIGURES + 2;
    private static final int CALLS_AT_ONCE = 8;

    /** For how many targets one call counts: it names three keys for each. */
    private static final int TARGETS_A_CALL = 100;

    private static final int STOCKS_AT_ONCE = 4;

    private final Script census = Script.named("census");
    private final Script ready = Script.named("ready");
    private final Script stock = Script.named("stock");
    private final Scripts scripts;
    private final LaneSettings settings;
    private final Semaphore turns = new Semaphore(STOCKS_AT_ONCE);

    /**
     * What waits for one target, or for several.
     *
     * @param queued events that it has not yet taken
     * @param bytes their size, as they are stored
     * @param leased lanes being delivered
     * @param ready lanes that can be delivered now
     * @param waiting lanes whose head is to be tried again later
     * @param parked lanes that wait for an operator
     * @param deadLetters events set aside
     * @param dropped events that were set aside and went for newer ones, since Redis counts
     * @param oldest the age of the oldest head that is not being delivered for the first time
     * @param longestReady for how long the lane that has been ready longest has been, while the target is not held; of registered
     *     webhooks zero
     * @param held for how long nothing more is sent to it, as all gateways know; of registered webhooks zero
     */
    public record Count(
            long queued,
            long bytes,
            long leased,
            long ready,
            long waiting,
            long parked,
            long deadLetters,
            long dropped,
            Duration oldest,
            Duration longestReady,
            Duration held) {
        public static final Count NOTHING =
                new Count(0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO);

        public Count plus(Count other) {
            return new Count(
                    queued + other.queued,
                    bytes + other.bytes,
                    leased + other.leased,
                    ready + other.ready,
                    waiting + other.waiting,
                    parked + other.parked,
                    deadLetters + other.deadLetters,
                    dropped + other.dropped,
                    longer(oldest, other.oldest),
                    longer(longestReady, other.longestReady),
                    longer(held, other.held));
        }

        private static Duration longer(Duration one, Duration other) {
            return one.compareTo(other) > 0 ? one : other;
        }
    }

    /**
     * What was counted, over all partitions.
     *
     * @param targets one for each of the targets, in their order
     * @param webhooks all registered webhooks together; of those that have something ready, at most 100 a partition are counted
     *     as ready
     * @param retained events that are kept beyond their deliveries
     * @param retainedBytes their size, as they are stored
     */
    public record Counted(List<Count> targets, Count webhooks, long retained, long retainedBytes) {}

    /**
     * How much Redis holds for one target.
     *
     * @param events queued events
     * @param bytes their size, as they are stored
     * @param deadLetters events set aside
     * @param deadLetterBytes their size
     */
    public record Stock(long events, long bytes, long deadLetters, long deadLetterBytes) {
        private static final Stock NOTHING = new Stock(0, 0, 0, 0);

        private Stock plus(Stock other) {
            return new Stock(
                    events + other.events,
                    bytes + other.bytes,
                    deadLetters + other.deadLetters,
                    deadLetterBytes + other.deadLetterBytes);
        }
    }

    Census(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** How many calls it takes to count for so many targets, while no registered webhook has anything ready. */
    public int calls(int targets) {
        return settings.partitions() * (1 + targets / TARGETS_A_CALL);
    }

    /** Counts for some targets, none of them a registered webhook, and for those. */
    public Uni<Counted> take(List<String> targets) {
        List<List<String>> some = IntStream.rangeClosed(0, (targets.size() - 1) / TARGETS_A_CALL)
                .mapToObj(i -> targets.subList(i * TARGETS_A_CALL, Math.min(targets.size(), (i + 1) * TARGETS_A_CALL)))
                .toList();
        return Multi.createFrom()
                .iterable(some)
                .onItem()
                .transformToUniAndConcatenate(this::takeSome)
                .collect()
                .asList()
                .map(all -> new Counted(
                        all.stream().flatMap(each -> each.targets().stream()).toList(),
                        all.get(0).webhooks(),
                        all.get(0).retained(),
                        all.get(0).retainedBytes()));
    }

    /** Tells how much there is for one target, which may be a registered webhook. */
    public Uni<Stock> stock(String target) {
        return Multi.createFrom()
                .range(0, settings.partitions())
                .onItem()
                .transformToUni(partition -> scripts.run(
                        new Call(stock).key(new Partition(partition).key("n")).arg(target)))
                .merge(CALLS_AT_ONCE)
                .map(answer -> new Stock(
                        answer.get(0).toLong(),
                        answer.get(1).toLong(),
                        answer.get(2).toLong(),
                        answer.get(3).toLong()))
                .collect()
                .with(Collectors.reducing(Stock.NOTHING, Stock::plus));
    }

    /**
     * The same for one of very many, of which a few are counted at the same time; to be subscribed to.
     *
     * @return empty when it is the others' turn
     */
    public Optional<Uni<Stock>> stockInTurn(String target) {
        return turns.tryAcquire()
                ? Optional.of(stock(target).onTermination().invoke(turns::release))
                : Optional.empty();
    }

    private Uni<Counted> takeSome(List<String> targets) {
        return Multi.createFrom()
                .range(0, settings.partitions())
                .onItem()
                .transformToUni(partition -> take(new Partition(partition), targets))
                .merge(CALLS_AT_ONCE)
                .collect()
                .asList()
                .map(partitions -> new Counted(
                        IntStream.range(0, targets.size())
                                .mapToObj(i -> sum(partitions.stream()
                                        .map(counted -> counted.targets().get(i))))
                                .toList(),
                        sum(partitions.stream().map(Counted::webhooks)),
                        partitions.stream().mapToLong(Counted::retained).sum(),
                        partitions.stream().mapToLong(Counted::retainedBytes).sum()));
    }

    private static Count sum(Stream<Count> counts) {
        return counts.reduce(Count.NOTHING, Count::plus);
    }

    private Uni<Counted> take(Partition where, List<String> targets) {
        Call call = new Call(census)
                .key(where.key("n"))
                .key(where.key("due"))
                .key(where.key("a", Partition.WEBHOOKS))
                .key(where.key("h"))
                .key(where.key("he"))
                .key(where.key("ht"))
                .key(where.key("k"))
                .key(where.key("e"))
                .key(where.key("t"))
                .arg(settings.historiesAPartition())
                .arg(settings.retainedBytesAPartition());
        for (String target : targets) {
            call.key(where.key("w", target))
                    .key(where.ages(target))
                    .key(where.key("x", target))
                    .arg(target);
        }
        return scripts.run(call).chain(answer -> {
            int due = answer.get(FIGURES - 1).toInteger();
            List<Count> counts = IntStream.range(0, targets.size())
                    .map(i -> FIGURES + due + i * FIGURES_OF_TARGET)
                    .mapToObj(from -> count(
                            answer,
                            from,
                            answer.get(from + FIGURES - 1).toLong(),
                            answer.get(from + FIGURES).toLong(),
                            answer.get(from + FIGURES + 1).toLong()))
                    .toList();
            List<String> names = answer.stream()
                    .skip(FIGURES)
                    .limit(due)
                    .map(Response::toString)
                    .toList();
            return ready(where, names)
                    .map(ready -> new Counted(
                            counts,
                            count(answer, 0, ready, 0, 0),
                            answer.get(answer.size() - 2).toLong(),
                            answer.get(answer.size() - 1).toLong()));
        });
    }

    /** Apart from the census, because whose lanes are due is not known before, and a cluster wants every key declared. */
    private Uni<Long> ready(Partition where, List<String> targets) {
        if (targets.isEmpty()) {
            return Uni.createFrom().item(0L);
        }
        Call call = new Call(ready);
        targets.forEach(target -> call.key(where.key("w", target)));
        return scripts.run(call).map(Response::toLong);
    }

    private static Count count(Response answer, int from, long ready, long longestReady, long held) {
        long leased = answer.get(from + 2).toLong();
        long parked = answer.get(from + 3).toLong();
        long lanes = answer.get(from + 4).toLong();
        return new Count(
                answer.get(from).toLong(),
                answer.get(from + 1).toLong(),
                leased,
                ready,
                // A lane whose lease has ended counts as leased and as ready until it is claimed.
                Math.max(0, lanes - leased - ready - parked),
                parked,
                answer.get(from + 5).toLong(),
                answer.get(from + 6).toLong(),
                Duration.ofMillis(answer.get(from + 7).toLong()),
                Duration.ofMillis(longestReady),
                Duration.ofMillis(held));
    }
}
