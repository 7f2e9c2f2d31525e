package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Shows lanes to operators: page by page, the one whose head was accepted first before all others. */
@ApplicationScoped
public class Lanes {
    private static final int CALLS_AT_ONCE = 8;

    /** For how many targets one call looks: of each it looks at a thousand lanes. */
    private static final int TARGETS_A_CALL = 10;

    /** Where nothing is found so often, an empty page is shown, and the next one goes on. */
    private static final int MOST_LOOKS = 20;

    private static final int FIGURES = 9;

    /** Where lanes stand whose head is being delivered for the first time: behind all others. */
    private static final long FIRST_TIME = (1L << 53) - 1;

    private final Script oldest = Script.named("oldest");
    private final Script lane = Script.named("lane");
    private final Scripts scripts;
    private final LaneSettings settings;

    /** What a lane is at. */
    public enum State {
        /** It can be delivered, and nobody does yet. */
        READY,
        /** A gateway has it. */
        LEASED,
        /** Its head failed, and is tried again later. */
        WAITING,
        /** It waits for an operator. */
        PARKED
    }

    /**
     * A lane, as it is now.
     *
     * @param ref its name
     * @param state what it is at
     * @param head the event that stands first
     * @param acceptedAt when that was accepted, in ms of Redis' clock
     * @param attempts how often it has failed
     * @param reason why it failed last; empty when it did not
     * @param queued how many events are in the lane
     * @param remaining until the head is tried again; zero unless it waits
     * @param parks whether it will be parked when the attempt that is under way has ended
     * @param skips the event that will be set aside then, if it does not succeed; empty for none
     */
    public record Seen(
            LaneRef ref,
            State state,
            String head,
            long acceptedAt,
            int attempts,
            String reason,
            long queued,
            Duration remaining,
            boolean parks,
            String skips) {}

    Lanes(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** The lane of a name that anybody may have made up; it may be empty. */
    public Optional<LaneRef> named(String text) {
        return LaneRef.read(text, settings.partitions());
    }

    /**
     * Shows the lanes of some targets.
     *
     * @param targets of all registered webhooks together: {@code webhooks}; of those lanes are not shown whose head is being delivered for
     *     the first time
     * @param state only those in it
     * @param behind where the page before said that this one begins
     * @param most how many at most; there may be fewer and still a next page
     */
    public Uni<Page<Seen>> list(List<String> targets, Optional<State> state, Optional<Position> behind, int most) {
        return list(targets, state, behind.orElse(Position.BEGINNING), most, MOST_LOOKS);
    }

    private Uni<Page<Seen>> list(List<String> targets, Optional<State> state, Position behind, int most, int looks) {
        return look(targets, state, behind, most)
                .chain(page -> page.items().isEmpty() && page.next().isPresent() && looks > 1
                        ? list(targets, state, page.next().get(), most, looks - 1)
                        : Uni.createFrom().item(page));
    }

    private Uni<Page<Seen>> look(List<String> targets, Optional<State> state, Position behind, int most) {
        List<Supplier<Uni<Found<Position>>>> looks = new ArrayList<>();
        for (int i = 0; i < settings.partitions(); i++) {
            int partition = i;
            groups(targets).forEach(group -> looks.add(() -> find(partition, group, state, behind, most)));
        }
        return Found.gather(looks, place -> place, most)
                .chain(this::page)
                // One may have changed since it was found; and those of webhooks are found whatever their state.
                .map(page -> new Page<>(
                        page.items().stream()
                                .filter(seen -> state.isEmpty() || seen.state() == state.get())
                                .toList(),
                        page.next()));
    }

    /** Shows one; empty when nothing is in it. */
    public Uni<Optional<Seen>> see(LaneRef ref) {
        return see(ref.partition(), List.of(ref.lane()))
                .map(seen -> seen.stream().findFirst());
    }

    private static List<List<String>> groups(List<String> targets) {
        List<List<String>> groups = new ArrayList<>();
        for (int from = 0; from < targets.size(); from += TARGETS_A_CALL) {
            groups.add(targets.subList(from, Math.min(targets.size(), from + TARGETS_A_CALL)));
        }
        return groups;
    }

    private Uni<Found<Position>> find(
            int partition, List<String> targets, Optional<State> state, Position behind, int most) {
        if (behind.from(partition) > FIRST_TIME) {
            return Uni.createFrom().item(Found.nothing());
        }
        Partition where = new Partition(partition);
        Call call = new Call(oldest)
                .key(where.key("l"))
                .arg(state.map(wanted -> wanted.name().toLowerCase(Locale.ROOT)).orElse(""))
                .arg(behind.from(partition))
                .arg(behind.after(partition))
                .arg(most)
                .arg(settings.lease().toMillis());
        for (String target : targets) {
            call.key(where.ages(target)).key(where.key("w", target)).arg(target);
        }
        return scripts.run(call).map(answer -> Found.read(answer, partition));
    }

    private Uni<Page<Seen>> page(Found<Position> found) {
        return Multi.createFrom()
                .iterable(found.items().stream()
                        .collect(Collectors.groupingBy(Position::partition))
                        .entrySet())
                .onItem()
                .transformToUni(each -> see(
                        each.getKey(),
                        each.getValue().stream().map(Position::name).toList()))
                .merge(CALLS_AT_ONCE)
                .onItem()
                .transformToIterable(seen -> seen)
                .collect()
                .asMap(Seen::ref)
                .map(seen -> new Page<>(
                        found.items().stream()
                                .flatMap(place ->
                                        Stream.ofNullable(seen.get(new LaneRef(place.partition(), place.name()))))
                                .toList(),
                        found.until()));
    }

    /** What has become empty meanwhile is left out. */
    private Uni<List<Seen>> see(int partition, List<String> lanes) {
        Partition where = new Partition(partition);
        Call call = new Call(lane).key(where.key("l")).key(where.key("e"));
        for (String each : lanes) {
            call.key(where.key("q", each))
                    .key(where.key("w", LaneId.target(each)))
                    .arg(each);
        }
        return scripts.run(call).map(answer -> {
            List<Seen> seen = new ArrayList<>();
            for (int i = 0; i < lanes.size(); i++) {
                int at = i * FIGURES;
                if (!answer.get(at).toString().isEmpty()) {
                    seen.add(seen(new LaneRef(partition, lanes.get(i)), answer, at));
                }
            }
            return seen;
        });
    }

    private static Seen seen(LaneRef ref, Response answer, int at) {
        return new Seen(
                ref,
                State.valueOf(answer.get(at + 5).toString().toUpperCase(Locale.ROOT)),
                answer.get(at).toString(),
                answer.get(at + 1).toLong(),
                answer.get(at + 2).toInteger(),
                answer.get(at + 3).toString(),
                answer.get(at + 4).toLong(),
                Duration.ofMillis(answer.get(at + 6).toLong()),
                answer.get(at + 7).toInteger() == 1,
                answer.get(at + 8).toString());
    }
}
