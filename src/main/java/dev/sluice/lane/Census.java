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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Counts what waits for each target, out of the counters that the scripts keep: no scan, whatever the backlog. */
@ApplicationScoped
public class Census {
    private static final int FIGURES = 7;
    private static final int CALLS_AT_ONCE = 8;

    /** For how many targets one call counts: it names three keys for each. */
    private static final int TARGETS_A_CALL = 100;

    private final Script script = Script.named("census");
    private final Scripts scripts;
    private final LaneSettings settings;

    /**
     * What waits for one target.
     *
     * @param queued events that it has not yet taken
     * @param leased lanes being delivered
     * @param ready lanes that can be delivered now
     * @param waiting lanes whose head is to be tried again later
     * @param parked lanes that wait for an operator
     * @param deadLetters events set aside
     * @param oldest the age of the oldest head that is not being delivered for the first time
     */
    public record Count(
            long queued, long leased, long ready, long waiting, long parked, long deadLetters, Duration oldest) {
        public static final Count NOTHING = new Count(0, 0, 0, 0, 0, 0, Duration.ZERO);

        public Count plus(Count other) {
            return new Count(
                    queued + other.queued,
                    leased + other.leased,
                    ready + other.ready,
                    waiting + other.waiting,
                    parked + other.parked,
                    deadLetters + other.deadLetters,
                    oldest.compareTo(other.oldest) > 0 ? oldest : other.oldest);
        }
    }

    Census(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** How many calls it takes to count for so many targets. */
    public int calls(int targets) {
        return settings.partitions() * (1 + targets / TARGETS_A_CALL);
    }

    /**
     * What was counted.
     *
     * @param counts one for each of the targets, in their order, over all partitions
     * @param registered the registered webhooks that have something waiting or set aside
     */
    public record Counted(List<Count> counts, Set<String> registered) {}

    /** Counts for some targets. */
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
                        all.stream().flatMap(each -> each.counts().stream()).toList(),
                        all.stream().flatMap(each -> each.registered().stream()).collect(Collectors.toSet())));
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
                                .mapToObj(i -> partitions.stream()
                                        .map(counted -> counted.counts().get(i))
                                        .reduce(Count.NOTHING, Count::plus))
                                .toList(),
                        partitions.stream()
                                .flatMap(counted -> counted.registered().stream())
                                .collect(Collectors.toSet())));
    }

    private Uni<Counted> take(Partition where, List<String> targets) {
        Call call = new Call(script).key(where.key("n"));
        for (String target : targets) {
            call.key(where.key("w", target))
                    .key(where.key("a", target))
                    .key(where.key("x", target))
                    .arg(target);
        }
        return scripts.run(call).map(answer -> {
            int names = answer.get(0).toInteger();
            return new Counted(
                    IntStream.range(0, targets.size())
                            .mapToObj(i -> count(answer, 1 + names + i * FIGURES))
                            .toList(),
                    answer.stream().skip(1).limit(names).map(Response::toString).collect(Collectors.toSet()));
        });
    }

    private static Count count(Response answer, int from) {
        long leased = answer.get(from + 1).toLong();
        long ready = answer.get(from + 2).toLong();
        long parked = answer.get(from + 3).toLong();
        long lanes = answer.get(from + 4).toLong();
        return new Count(
                answer.get(from).toLong(),
                leased,
                ready,
                // A lane whose lease has ended counts as leased and as ready until it is claimed.
                Math.max(0, lanes - leased - ready - parked),
                parked,
                answer.get(from + 5).toLong(),
                Duration.ofMillis(answer.get(from + 6).toLong()));
    }
}
