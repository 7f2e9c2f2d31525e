package dev.sluice.ops;

import io.smallrye.mutiny.Uni;

/** What a job does, step by step and each of them part by part. Any gateway may go on with it, from the beginning of a step. */
interface Work {
    /**
     * What became of part of a step.
     *
     * @param now how many events were moved
     * @param byNow how many were moved in the step by now, by whichever gateway
     * @param isAll whether the step is done with it
     */
    record Part(int now, long byNow, boolean isAll) {}

    /** How many steps there are. */
    int steps();

    /** Whether there is still something to move events to. */
    boolean isPossible();

    /** Does the next part of a step. */
    Uni<Part> next(int step);
}
