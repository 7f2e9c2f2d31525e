package dev.sluice.ops;

import dev.sluice.delivery.LaneSwitch;
import dev.sluice.fleet.Jobs.Job;
import dev.sluice.lane.DeadLetterRef;
import dev.sluice.lane.DeadLetters;
import dev.sluice.lane.Redrive;
import dev.sluice.lane.Redrive.OfLane;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.Stream;

/**
 * Puts dead letters back: those that are named in one step; else there is a step for each target and partition, and in it all that were
 * set aside before the job began. What is set aside again meanwhile stays there.
 */
final class RedriveWork implements Work {
    private final Job job;
    private final Task.Redriving task;
    private final int partitions;
    private final Redrive redrive;
    private final DeadLetters letters;
    private final LaneSwitch lanes;
    private final Targets targets;
    private final Queue<OfLane> found = new ArrayDeque<>();

    /** How many were moved in the step under way by now, by partition. */
    private final Map<Integer, Long> moved = new HashMap<>();

    private boolean isBegun;

    /** Whether something was moved since it was last looked for more: of very many not all are found at once. */
    private boolean isMoving;

    RedriveWork(
            Job job,
            Task.Redriving task,
            int partitions,
            Redrive redrive,
            DeadLetters letters,
            LaneSwitch lanes,
            Targets targets) {
        this.job = job;
        this.task = task;
        this.partitions = partitions;
        this.redrive = redrive;
        this.letters = letters;
        this.lanes = lanes;
        this.targets = targets;
    }

    @Override
    public int steps() {
        return task.ids().isEmpty() ? task.targets().size() * partitions : 1;
    }

    /** Of several targets those that are gone are passed over. */
    @Override
    public boolean isPossible() {
        return !task.ids().isEmpty() || task.targets().stream().anyMatch(targets::mayBe);
    }

    @Override
    public Uni<Part> next(int step) {
        if (!isBegun) {
            return begin(step);
        }
        OfLane next = found.poll();
        if (next != null) {
            return lanes.redrive(progress(step), next, task.to(), job.standing().begunAt())
                    .map(some -> {
                        isMoving |= some.now() > 0;
                        moved.put(next.partition(), some.byNow());
                        return new Part(some.now(), sum(), false);
                    });
        }
        if (!isMoving) {
            isBegun = false;
            return Uni.createFrom().item(new Part(0, sum(), true));
        }
        isMoving = false;
        return find(step).map(some -> {
            some.stream().filter(each -> targets.named(each.target()) != null).forEach(found::add);
            return new Part(0, sum(), false);
        });
    }

    /** Another gateway may have done some of it. */
    private Uni<Part> begin(int step) {
        moved.clear();
        return Multi.createFrom()
                .items(partitions(step))
                .onItem()
                .transformToUniAndConcatenate(partition ->
                        redrive.moved(progress(step), partition).invoke(count -> moved.put(partition, count)))
                .onItem()
                .ignoreAsUni()
                .map(nothing -> {
                    isBegun = true;
                    isMoving = true;
                    return new Part(0, sum(), false);
                });
    }

    private Stream<Integer> partitions(int step) {
        return task.ids().isEmpty()
                ? Stream.of(step % partitions)
                : named().stream().map(DeadLetterRef::partition).distinct();
    }

    private List<DeadLetterRef> named() {
        return task.ids().stream().map(letters::named).flatMap(Optional::stream).toList();
    }

    /** By which the progress of a step is known where events are moved. */
    private String progress(int step) {
        return job.id() + "." + step;
    }

    private long sum() {
        return moved.values().stream().mapToLong(Long::longValue).sum();
    }

    private Uni<List<OfLane>> find(int step) {
        if (!task.ids().isEmpty()) {
            return Uni.createFrom().item(Redrive.byLane(named()));
        }
        return redrive.find(
                task.targets().get(step / partitions),
                step % partitions,
                task.since(),
                job.standing().begunAt());
    }
}
