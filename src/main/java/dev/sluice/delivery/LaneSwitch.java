package dev.sluice.delivery;

import dev.sluice.lane.Events.Wanted;
import dev.sluice.lane.LaneRef;
import dev.sluice.lane.Operate;
import dev.sluice.lane.Operate.Operated;
import dev.sluice.lane.Redrive;
import dev.sluice.lane.Redrive.Moved;
import dev.sluice.lane.Redrive.OfLane;
import dev.sluice.lane.Redrive.To;
import dev.sluice.lane.Replay;
import dev.sluice.lane.Replay.Progress;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Does what operators want with lanes, and looks at once for what may be sent of them then. */
@ApplicationScoped
public class LaneSwitch {
    private final Operate operate;
    private final Redrive redrive;
    private final Replay replay;
    private final Targets targets;
    private final Outlets outlets;

    LaneSwitch(Operate operate, Redrive redrive, Replay replay, Targets targets, Outlets outlets) {
        this.operate = operate;
        this.redrive = redrive;
        this.replay = replay;
        this.targets = targets;
        this.outlets = outlets;
    }

    /** See {@link Operate#retry}. */
    public Uni<Operated> retry(LaneRef lane) {
        return operate.retry(lane).invoke(() -> look(lane));
    }

    /** See {@link Operate#park}. */
    public Uni<Operated> park(LaneRef lane) {
        return operate.park(lane);
    }

    /** See {@link Operate#resume}. */
    public Uni<Operated> resume(LaneRef lane) {
        return operate.resume(lane).invoke(() -> look(lane));
    }

    /** See {@link Operate#skip}. */
    public Uni<Operated> skip(LaneRef lane, String event) {
        return operate.skip(lane, event).invoke(() -> look(lane));
    }

    /** See {@link Redrive#move}. */
    public Uni<Moved> redrive(String job, OfLane letters, To to, long until) {
        return redrive.move(job, letters, to, until).invoke(() -> look(letters.target(), letters.partition()));
    }

    /** See {@link Replay#step}. */
    public Uni<Progress> replay(String job, String target, Wanted wanted, int partition, Progress before, int most) {
        return replay.step(job, target, wanted, partition, before, most).invoke(() -> look(target, partition));
    }

    private void look(LaneRef lane) {
        look(lane.target(), lane.partition());
    }

    private void look(String target, int partition) {
        Optional.ofNullable(targets.named(target))
                .ifPresent(found -> outlets.of(found).ready(partition));
    }
}
