package dev.sluice.redis;

import java.time.Duration;

/**
 * A point in time by both of a process's clocks. The monotonic one stands still while some machines are suspended, the wall
 * clock can be set; a lease trusts whichever says that more time has passed.
 *
 * @param nanos of the monotonic clock
 * @param millis of the wall clock
 */
public record Moment(long nanos, long millis) {

    public static Moment now() {
        return new Moment(System.nanoTime(), System.currentTimeMillis());
    }

    /** How long before {@code later} this moment was, by the clock that says more; never negative. */
    public Duration until(Moment later) {
        long passed = Math.max(later.nanos - nanos, (later.millis - millis) * 1_000_000);
        return Duration.ofNanos(Math.max(0, passed));
    }
}
