package dev.sluice.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a failed event is tried again: the delay grows by a factor each time (1 s, 2 s, 4 s, ...), until the delays add up to
 * the window; the last one is cut so that the last attempt falls on the end of the window. The window counts the event's own
 * scheduled delays and nothing else: waiting behind another event, for a held target or for a free slot uses up none of it.
 *
 * @param initial the delay after the first failed attempt
 * @param factor by how much each delay is longer than the one before; at least 1
 * @param maxDelay the longest delay
 * @param window what the delays may add up to
 * @param jitter the largest share by which a delay is lengthened at random, so that lanes that failed together do not come
 *     back together; never shortens
 */
public record RetrySchedule(Duration initial, double factor, Duration maxDelay, Duration window, double jitter) {

    /**
     * The delay before the next attempt, without jitter.
     *
     * @param failedAttempts how many attempts have failed, at least 1
     * @return empty when the window is used up
     */
    public Optional<Duration> delayAfter(int failedAttempts) {
        double millis = initial.toMillis();
        double left = window.toMillis();
        for (int attempt = 1; left > 0; attempt++) {
            double delay = Math.min(Math.min(millis, (double) maxDelay.toMillis()), left);
            if (attempt == failedAttempts) {
                return Optional.of(Duration.ofMillis((long) delay));
            }
            left -= delay;
            millis *= factor;
        }
        return Optional.empty();
    }

    /** The delay, lengthened by up to the jitter's share of it. */
    public Duration jittered(Duration delay, RandomGenerator random) {
        return delay.plusMillis((long) (delay.toMillis() * jitter * random.nextDouble()));
    }

    /**
     * How long to wait when the target itself asked for a pause: as long as it asks, but never shorter than its own delay and
     * never longer than what is left of the window.
     *
     * @param own the delay that the schedule has after {@code failedAttempts}
     */
    public Duration clamp(Duration asked, Duration own, int failedAttempts) {
        Duration left = window;
        for (int attempt = 1; attempt < failedAttempts; attempt++) {
            left = left.minus(delayAfter(attempt).orElse(Duration.ZERO));
        }
        Duration longest = asked.compareTo(left) < 0 ? asked : left;
        return longest.compareTo(own) > 0 ? longest : own;
    }
}
