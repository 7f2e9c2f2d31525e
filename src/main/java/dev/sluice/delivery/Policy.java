package dev.sluice.delivery;

import java.time.Duration;
import java.util.Set;

/**
 * How a target is called.
 *
 * @param timeout the bound on a whole attempt, from the first byte sent to the last of the answer
 * @param connectTimeout the bound on opening a connection
 * @param concurrency how many lanes of the target one pod delivers at the same time
 * @param retry when a failed event is tried again
 * @param finalStatuses the answers after which an event is not tried again, but set aside at once
 * @param onExhausted what happens to an event whose retry window ran out
 */
public record Policy(
        Duration timeout,
        Duration connectTimeout,
        int concurrency,
        RetrySchedule retry,
        Set<Integer> finalStatuses,
        OnExhausted onExhausted) {

    /** What happens to an event whose retry window ran out. */
    public enum OnExhausted {
        /** It is set aside as a dead letter and its lane goes on. */
        DEAD_LETTER,
        /** Its lane stays blocked until an operator acts. */
        PARK
    }
}
