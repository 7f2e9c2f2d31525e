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
            double delay = Math.min(Math.min(millis, maxDelay.toMillis()), left);
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
}
