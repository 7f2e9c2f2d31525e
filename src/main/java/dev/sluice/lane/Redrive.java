package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puts dead letters back into their lanes: those of one lane in one step, in the order of their sequence. Safe to repeat, and to go on
 * with where another gateway stopped: each goes back once.
 */
@ApplicationScoped
public class Redrive {
    /** Of one target and partition so many are looked at together; what there is more comes afterwards. */
    private static final int LETTERS_A_LOOK = 20_000;

    private static final int LETTERS_A_CALL = 1_000;

    /** Of one lane so many go back in one step, which must not keep Redis from others for long. */
    private static final int LETTERS_A_STEP = 1_000;

    /** How many were put back is known for as long after the last one. */
    static final Duration PROGRESS_KEPT = Duration.ofDays(7);

    private final Script redrive = Script.named("redrive");
    private final Script redriven = Script.named("redriven");
    private final DeadLetters letters;
    private final Scripts scripts;
    private final LaneSettings settings;

    /** Where in its lane a dead letter goes. */
    public enum To {
        /**
         * Before what is queued there of a higher sequence, but never before what is in flight. Where that is thousands of events from
         * either end of the lane, it stays set aside.
         */
        FRONT,
        /** Behind all that is queued there. */
        BACK
    }

    /**
     * Dead letters of one lane.
     *
     * @param refs in the order of their sequence
     */
    public record OfLane(List<DeadLetterRef> refs) {
        /** The target they go to. */
        public String target() {
            return refs.get(0).target();
        }

        public int partition() {
            return refs.get(0).partition();
        }
    }

    /**
     * What became of some.
     *
     * @param now how many were put back
     * @param byNow how many the job has put back in that partition
     */
    public record Moved(int now, long byNow) {}

    Redrive(DeadLetters letters, Scripts scripts, LaneSettings settings) {
        this.letters = letters;
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Sorts dead letters by lanes, a few lanes' worth at a time where one has very many. */
    public static List<OfLane> byLane(List<DeadLetterRef> refs) {
        List<OfLane> lanes = new ArrayList<>();
        refs.stream()
                .filter(ref -> !ref.isUnreadable())
                .distinct()
                .collect(Collectors.groupingBy(DeadLetterRef::lane))
                .values()
                .forEach(ofLane -> {
                    List<DeadLetterRef> sorted = ofLane.stream()
                            .sorted(Comparator.comparingLong(ref -> EventId.sequence(ref.event())))
                            .toList();
                    for (int from = 0; from < sorted.size(); from += LETTERS_A_STEP) {
                        lanes.add(new OfLane(sorted.subList(from, Math.min(sorted.size(), from + LETTERS_A_STEP))));
                    }
                });
        return lanes;
    }

    /**
     * Finds what was set aside for a target in one partition from one moment to another, in ms of Redis' clock; of very many those first
     * that were set aside first.
     */
    public Uni<List<OfLane>> find(String target, int partition, long since, long until) {
        return find(target, partition, Position.since(since), until, new ArrayList<>())
                .map(Redrive::byLane);
    }

    private Uni<List<DeadLetterRef>> find(
            String target, int partition, Position behind, long until, List<DeadLetterRef> found) {
        return letters.of(target, partition, behind, until, LETTERS_A_CALL).chain(some -> {
            some.items().forEach(each -> found.add(new DeadLetterRef(each.partition(), each.name())));
            return some.until().isPresent() && found.size() < LETTERS_A_LOOK
                    ? find(target, partition, some.until().get(), until, found)
                    : Uni.createFrom().item(found);
        });
    }

    /** Puts those of one lane back.
     *
     * @param job by which its progress is known
     * @param until only those that were set aside till then, in ms of Redis' clock, and not again since
     */
    public Uni<Moved> move(String job, OfLane some, To to, long until) {
        DeadLetterRef first = some.refs().get(0);
        Partition where = new Partition(first.partition());
        String target = first.target();
        String lane = first.lane();
        Call call = where.ofLane(new Call(redrive), target, lane)
                .safe(settings.deciding(first.source()))
                .key(where.key("job", job))
                .key(where.lettersOfWebhooks())
                .arg(target)
                .arg(lane)
                .arg(to == To.FRONT ? "front" : "back")
                .arg(settings.historyMillis(first.source()))
                .arg(PROGRESS_KEPT.toMillis())
                .arg(until);
        some.refs().forEach(ref -> call.arg(ref.event()));
        return scripts.run(call)
                .map(answer ->
                        new Moved(answer.get(0).toInteger(), answer.get(1).toLong()));
    }

    /** How many a job has put back in a partition by now, whichever gateway did it. */
    public Uni<Long> moved(String job, int partition) {
        return scripts.run(new Call(redriven).key(new Partition(partition).key("job", job)))
                .map(answer -> Long.parseLong(answer.toString()));
    }
}
