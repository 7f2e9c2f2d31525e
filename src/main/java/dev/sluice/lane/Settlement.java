package dev.sluice.lane;

import java.time.Duration;

/** What an attempt at a lane's head means for the lane. */
public sealed interface Settlement {
    /** The target has it: it leaves the lane. */
    record Delivered() implements Settlement {}

    /** It failed and is tried again after the delay; the whole lane waits. */
    record Retry(Duration delay, String reason) implements Settlement {}

    /**
     * It failed for good: it is set aside as a dead letter, and the lane goes on.
     *
     * @param out what goes for it, where there are too many dead letters
     */
    record Dead(String reason, Relief out) implements Settlement {}

    /** No attempt was made, because an operator wants it set aside: it is a dead letter, and the lane goes on. */
    record Skip() implements Settlement {}

    /** It failed for good, and the lane stays blocked until an operator acts. */
    record Park(String reason) implements Settlement {}
}
