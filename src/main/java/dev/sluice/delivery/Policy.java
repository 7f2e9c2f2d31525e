package dev.sluice.delivery;

import java.time.Duration;
import java.util.Set;

/**
 * How a target is called.
 *
 * @param timeout the bound on a whole attempt, from asking for a connection to the last byte of the answer
 * @param connectTimeout the bound on opening a connection
 * @param concurrency how many lanes of the target one pod delivers at the same time
 * @param rateLimit how many attempts are made in a while
 * @param circuit when its failures hold the whole target
 * @param guarded whether the {@link AddressGuard} is asked where the target leads; of registered webhooks it always is
 * @param retry when a failed event is tried again
 * @param bounds how much may wait for it and be set aside
 * @param finalStatuses the answers after which an event is not tried again, but set aside at once
 * @param onExhausted what happens to an event whose retry window ran out
 */
public record Policy(
        Duration timeout,
        Duration connectTimeout,
        int concurrency,
        RateLimit rateLimit,
        Circuit circuit,
        boolean guarded,
        RetrySchedule retry,
        Bounds bounds,
        Set<Integer> finalStatuses,
        OnExhausted onExhausted) {

    /**
     * How many attempts are made in a while, evenly spread.
     *
     * @param max how many; 0 for as many as there are
     * @param window in which time
     * @param shared whether all gateways keep to it together; else each for itself
     */
    public record RateLimit(int max, Duration window, boolean shared) {
        private static final int SHARE_AT_ONCE = 10;

        /** Whether there is no limit. */
        public boolean isNone() {
            return max == 0;
        }

        /** From one attempt to the next. */
        Duration step() {
            return window.dividedBy(max);
        }

        /** How many may be made at once after a pause: a tenth, so that those of any window are hardly more than they may be. */
        int burst() {
            return Math.max(1, max / SHARE_AT_ONCE);
        }
    }

    /**
     * When a target's failures open its circuit. While it is open nothing is sent to the target, and no attempt is counted.
     *
     * @param window of how many attempts the failures are counted
     * @param failureRatio the share of them at which it opens
     * @param delay how long it stays open before a few attempts are made to see how the target is
     * @param successes how many of those have to succeed for it to close
     */
    public record Circuit(int window, double failureRatio, Duration delay, int successes) {}

    /**
     * How much of Redis a target may use: when it is down for long, others must still find room.
     *
     * @param backlog of events that wait for it; what comes when it is full is set aside
     * @param latest whether a newer event takes the place of an older one that waits, of the same ordering key and type
     * @param disables whether a full one also disables the target: nothing is sent to it any more until somebody has seen to it
     * @param deadLetters of events set aside; the oldest go for newer ones
     */
    public record Bounds(Bound backlog, boolean latest, boolean disables, Bound deadLetters) {}

    /**
     * Both are kept to.
     *
     * @param bytes the size of the events as they are stored
     */
    public record Bound(long events, long bytes) {}

    /** What happens to an event whose retry window ran out. */
    public enum OnExhausted {
        /** It is set aside as a dead letter and its lane goes on. */
        DEAD_LETTER,
        /** Its lane stays blocked until an operator acts. */
        PARK
    }
}
