package dev.sluice.lane;

import dev.sluice.event.Content;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The events that were set aside: shows them, the one that was set aside first before all others, and gives them up. Those of a
 * source that were no readable events are named as if it were a target, see {@link DeadLetterRef#ofSource}.
 */
@ApplicationScoped
public class DeadLetters {
    private static final int CALLS_AT_ONCE = 8;

    /** Of how many targets one call tells: of each as many as fit a page. */
    private static final int TARGETS_A_CALL = 10;

    private static final int FIGURES = 5;

    /** In which the longest source and type find room. */
    private static final int BEGINNING = 2_048;

    private static final int WHOLE = -1;

    private final Script letters = Script.named("letters");
    private final Script letter = Script.named("letter");
    private final Script drop = Script.named("letter_drop");
    private final Scripts scripts;
    private final LaneSettings settings;

    /**
     * A dead letter.
     *
     * @param setAsideAt in ms of Redis' clock
     * @param attempts how often it was attempted
     * @param reason why it was set aside
     * @param bytes how large it is, as it is stored; 0 when Redis has lost it
     * @param event its sequence, type, and when it was accepted; empty when Redis has lost it
     */
    public record DeadLetter(
            DeadLetterRef ref, long setAsideAt, int attempts, String reason, long bytes, Optional<EventHead> event) {}

    /**
     * What an event begins with.
     *
     * @param acceptedAt in ms of Redis' clock
     * @param type empty where it could not be read
     */
    public record EventHead(long sequence, long acceptedAt, String type) {}

    DeadLetters(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** The dead letter of a name that anybody may have made up; there may be none any more. */
    public Optional<DeadLetterRef> named(String text) {
        return DeadLetterRef.read(text, settings.partitions());
    }

    /**
     * Shows some.
     *
     * @param targets whose; of all registered webhooks together {@code webhooks}
     * @param since only those set aside since then, in ms of Redis' clock
     * @param behind where the page before said that this one begins
     * @param most how many at most
     */
    public Uni<Page<DeadLetter>> list(List<String> targets, long since, Optional<Position> behind, int most) {
        Position begin = behind.filter(position -> position.at() >= since).orElse(Position.since(since));
        List<Supplier<Uni<Found<Position>>>> looks = new ArrayList<>();
        for (int i = 0; i < settings.partitions(); i++) {
            int partition = i;
            for (int from = 0; from < targets.size(); from += TARGETS_A_CALL) {
                List<String> some = targets.subList(from, Math.min(targets.size(), from + TARGETS_A_CALL));
                looks.add(() -> find(partition, some, begin, Long.MAX_VALUE, most));
            }
        }
        return Found.gather(looks, place -> place, most).chain(this::page);
    }

    /** Names the ones of a target in one partition that were set aside from one moment to another, the first ones of them. */
    Uni<Found<Position>> of(String target, int partition, Position behind, long until, int most) {
        return find(partition, List.of(target), behind, until, most);
    }

    /** Shows one; empty when there is none, or none any more. */
    public Uni<Optional<DeadLetter>> see(DeadLetterRef ref) {
        return see(ref.partition(), List.of(ref)).map(seen -> seen.stream().findFirst());
    }

    /** What is in one; empty when there is none, or none any more, or Redis has lost it. */
    public Uni<Optional<Content>> content(DeadLetterRef ref) {
        return scripts.run(call(ref.partition(), List.of(ref), WHOLE))
                .map(answer -> answer.get(FIGURES - 1).toBuffer())
                .map(stored -> stored.length() == 0
                        ? Optional.empty()
                        : Optional.of(StoredEvent.read(ref.event(), stored).content()));
    }

    /** Gives one up. Safe to repeat.
     *
     * @return whether it was there
     */
    public Uni<Boolean> drop(DeadLetterRef ref) {
        Partition where = new Partition(ref.partition());
        return scripts.run(new Call(drop)
                        .safe(settings.deciding(ref.source()))
                        .key(where.key("e"))
                        .key(where.key("why"))
                        .key(where.key("n"))
                        .key(where.key("x", ref.target()))
                        .key(where.key("h"))
                        .key(where.key("he"))
                        .key(where.lettersOfWebhooks())
                        .arg(ref.target())
                        .arg(ref.lane())
                        .arg(ref.event())
                        .arg(settings.historyMillis(ref.source())))
                .map(answer -> answer.toInteger() == 1);
    }

    private Uni<Found<Position>> find(int partition, List<String> targets, Position behind, long until, int most) {
        Partition where = new Partition(partition);
        Call call = new Call(letters)
                .arg(behind.from(partition))
                .arg(behind.after(partition))
                .arg(until == Long.MAX_VALUE ? "+inf" : Long.toString(until))
                .arg(most);
        targets.forEach(target -> call.key(where.key("x", target)).arg(target));
        return scripts.run(call).map(answer -> Found.read(answer, partition));
    }

    private Uni<Page<DeadLetter>> page(Found<Position> found) {
        return Multi.createFrom()
                .iterable(found.items().stream()
                        .map(place -> new DeadLetterRef(place.partition(), place.name()))
                        .collect(Collectors.groupingBy(DeadLetterRef::partition))
                        .entrySet())
                .onItem()
                .transformToUni(each -> see(each.getKey(), each.getValue()))
                .merge(CALLS_AT_ONCE)
                .onItem()
                .transformToIterable(seen -> seen)
                .collect()
                .asMap(DeadLetter::ref)
                .map(seen -> new Page<>(
                        found.items().stream()
                                .flatMap(place ->
                                        Stream.ofNullable(seen.get(new DeadLetterRef(place.partition(), place.name()))))
                                .toList(),
                        found.until()));
    }

    private Uni<List<DeadLetter>> see(int partition, List<DeadLetterRef> refs) {
        return scripts.run(call(partition, refs, BEGINNING)).map(answer -> {
            List<DeadLetter> seen = new ArrayList<>();
            for (int i = 0; i < refs.size(); i++) {
                int at = i * FIGURES;
                if (!answer.get(at).toString().isEmpty()) {
                    seen.add(seen(refs.get(i), answer, at));
                }
            }
            return seen;
        });
    }

    private Call call(int partition, List<DeadLetterRef> refs, int bytes) {
        Partition where = new Partition(partition);
        Call call = new Call(letter).key(where.key("e")).key(where.key("why")).arg(bytes);
        refs.forEach(ref -> call.key(where.key("x", ref.target())).arg(ref.letter()));
        return call;
    }

    private static DeadLetter seen(DeadLetterRef ref, Response answer, int at) {
        long bytes = answer.get(at + 3).toLong();
        return new DeadLetter(
                ref,
                answer.get(at).toLong(),
                answer.get(at + 1).toInteger(),
                answer.get(at + 2).toString(),
                bytes,
                bytes == 0
                        ? Optional.empty()
                        : Optional.of(
                                StoredEvent.head(ref.event(), answer.get(at + 4).toBuffer())));
    }
}
