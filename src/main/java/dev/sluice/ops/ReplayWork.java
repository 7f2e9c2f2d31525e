package dev.sluice.ops;

import dev.sluice.delivery.LaneSwitch;
import dev.sluice.fleet.Jobs.Job;
import dev.sluice.lane.Events.Wanted;
import dev.sluice.lane.Replay.Progress;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Puts events into the lanes of a target once more that it has taken: a step for each partition. */
final class ReplayWork implements Work {
    private static final int MOST_A_PART = 100;

    private final Job job;
    private final Task.Replaying task;
    private final int partitions;
    private final LaneSwitch lanes;
    private final Targets targets;
    private final String target;
    private final Wanted wanted;
    private Progress progress = Progress.BEGINNING;

    ReplayWork(Job job, Task.Replaying task, int partitions, LaneSwitch lanes, Targets targets) {
        this.job = job;
        this.task = task;
        this.partitions = partitions;
        this.lanes = lanes;
        this.targets = targets;
        this.target = task.targets().get(0);
        Long until = task.until();
        this.wanted = new Wanted(
                Optional.ofNullable(task.source()),
                Optional.empty(),
                Optional.empty(),
                task.since(),
                Math.min(until == null ? Long.MAX_VALUE : until, job.standing().begunAt()));
    }

    @Override
    public int steps() {
        return partitions;
    }

    @Override
    public boolean isPossible() {
        return targets.named(target) != null;
    }

    @Override
    public Uni<Part> next(int step) {
        Integer rate = task.rate();
        int most = rate == null ? MOST_A_PART : Math.min(MOST_A_PART, rate);
        Progress before = progress;
        return lanes.replay(job.id() + "." + step, target, wanted, step, before, most)
                .map(after -> {
                    progress = after.isAll() ? Progress.BEGINNING : after;
                    return new Part(after.now(), after.moved(), after.isAll());
                });
    }
}
