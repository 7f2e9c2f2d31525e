package dev.sluice.lane;

import dev.sluice.lane.Events.Taken;
import dev.sluice.lane.Events.Wanted;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.Optional;

/**
 * Puts events that a target has taken into its lanes once more, out of what is retained of them: behind what is queued there, in the
 * order in which they were accepted. How far it has got in a partition stands there, and moves in the same step as the events do: so
 * another gateway goes on where one stopped, and each is put back once.
 */
@ApplicationScoped
public class Replay {
    private static final int EVENTS_A_STEP = 100;
    private static final String SEPARATOR = ":";

    private final Script replay = Script.named("replay");
    private final Events events;
    private final Scripts scripts;
    private final LaneSettings settings;

    /**
     * How far a replay has got in a partition.
     *
     * @param place as the script keeps it; empty at the beginning
     * @param moved how many events it has put back there
     * @param now how many of them with the last step
     * @param isAll whether that is all
     */
    public record Progress(String place, long moved, int now, boolean isAll) {
        public static final Progress BEGINNING = new Progress("", 0, 0, false);

        private Position position(int partition, Position beginning) {
            if (place.isEmpty()) {
                return beginning;
            }
            int end = place.indexOf(SEPARATOR);
            return new Position(Long.parseLong(place.substring(0, end)), partition, place.substring(end + 1));
        }
    }

    Replay(Events events, Scripts scripts, LaneSettings settings) {
        this.events = events;
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Puts the next ones of a partition back, or finds that it has got further already.
     *
     * @param job by which its progress is known
     * @param wanted which events
     * @param before how far it has got, as far as is known
     * @param most how many at most
     */
    public Uni<Progress> step(String job, String target, Wanted wanted, int partition, Progress before, int most) {
        return events.taken(
                        target,
                        wanted,
                        partition,
                        before.position(partition, wanted.beginning()),
                        Math.min(most, EVENTS_A_STEP))
                .chain(found -> move(job, target, partition, before, found));
    }

    /** Puts these back, but for those that another job has put back meanwhile. */
    Uni<Progress> move(String job, String target, int partition, Progress before, Found<Taken> found) {
        Partition where = new Partition(partition);
        Optional<Position> until = found.until();
        String after = until.or(
                        () -> found.items().stream().map(Taken::position).max(Comparator.naturalOrder()))
                .map(Replay::text)
                .orElse(before.place());
        Call call = new Call(replay)
                .safe(settings.deciding(found.items().stream()
                        .map(taken -> taken.event().source())
                        .toList()))
                .key(where.key("job", job))
                .key(where.key("l"))
                .key(where.key("due"))
                .key(where.key("n"))
                .key(where.key("t"))
                .key(where.key("e"))
                .key(where.key("h"))
                .key(where.key("he"))
                .arg(target)
                .arg(before.place())
                .arg(after)
                .arg(Redrive.PROGRESS_KEPT.toMillis());
        for (Taken taken : found.items()) {
            String lane = taken.lane();
            call.key(where.key("q", lane))
                    .key(where.key("w", target))
                    .key(where.ages(target))
                    .arg(taken.event().id())
                    .arg(lane)
                    .arg(settings.historyMillis(taken.event().source()));
        }
        return scripts.run(call)
                .map(answer -> new Progress(
                        answer.get(1).toString(),
                        answer.get(2).toLong(),
                        answer.get(3).toInteger(),
                        answer.get(0).toInteger() == 1 && until.isEmpty()));
    }

    private static String text(Position position) {
        return position.at() + SEPARATOR + position.name();
    }
}
