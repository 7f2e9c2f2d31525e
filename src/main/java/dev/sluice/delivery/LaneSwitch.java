package dev.sluice.delivery;

import dev.sluice.lane.LaneRef;
import dev.sluice.lane.Operate;
import dev.sluice.lane.Operate.Operated;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Does what operators want with one lane, and looks at once for what may be sent of it then. */
@ApplicationScoped
public class LaneSwitch {
    private final Operate operate;
    private final Targets targets;
    private final Outlets outlets;

    LaneSwitch(Operate operate, Targets targets, Outlets outlets) {
        this.operate = operate;
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

    private void look(LaneRef lane) {
        Optional.ofNullable(targets.named(lane.target()))
                .ifPresent(target -> outlets.of(target).ready(lane.partition()));
    }
}
