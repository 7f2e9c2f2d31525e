package dev.sluice.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a failed event is tried again. The delays add up to a window, which counts the event's own scheduled delays and nothing
 * else: waiting behind another event, for a held target or for a free slot uses up none of it.
 */
public sealed interface RetrySchedule {

    /**
     * The delay before the next attempt, without jitter.
     *
     * @param failedAttempts how many attempts have failed, at least 1
     * @return empty when the window is used up
     */
    Optional<Duration> delayAfter(int failedAttempts);

    /** What is left of the window after so many delays. */
    Duration leftAfter(int delays);

    /**
     * The largest share by which a delay is lengthened at random, so that lanes that failed together do not come back together;
     * never shortens.
     */
    double jitter();

    /** The delay, lengthened by up to the jitter's share of it. */
    default Duration jittered(Duration delay, RandomGenerator random) {
        return delay.plusMillis((long) (delay.toMillis() * jitter() * random.nextDouble()));
    }

    /**
     * How long to wait when the target itself asked for a pause: as long as it asks, but never shorter than its own delay and
     * never longer than what is left of the window.
     *
     * @param own the delay that the schedule has after {@code failedAttempts}
     */
    default Duration clamp(Duration asked, Duration own, int failedAttempts) {
        Duration left = leftAfter(failedAttempts - 1);
        Duration longest = asked.compareTo(left) < 0 ? asked : left;
        return longest.compareTo(own) > 0 ? longest : own;
    }

    /**
     * The delay grows by a factor each time (1 s, 2 s, 4 s, ...), until the delays add up to the window; the last one is cut so
     * that the last attempt falls on the end of the window.
     *
     * @param initial the delay after the first failed attempt
     * @param factor by how much each delay is longer than the one before; at least 1
     * @param maxDelay the longest delay
     * @param window what the delays may add up to
     */
    record Growing(Duration initial, double factor, Duration maxDelay, Duration window, double jitter)
            implements RetrySchedule {

        @Override
        public Optional<Duration> delayAfter(int failedAttempts) {
            double grown = initial.toMillis() * Math.pow(factor, failedAttempts - 1.0);
            double capped = Math.min(grown, (double) maxDelay.toMillis());
            long left = leftAfter(failedAttempts - 1).toMillis();
            return left > 0 ? Optional.of(Duration.ofMillis((long) Math.min(capped, (double) left))) : Optional.empty();
        }

        /** A sum, not a loop: there may be a great many. */
        @Override
        public Duration leftAfter(int delays) {
            double first = initial.toMillis();
            double longest = maxDelay.toMillis();
            double spent;
            if (factor == 1) {
                spent = delays * Math.min(first, longest);
            } else {
                double growing = Math.min(delays, Math.max(0, Math.ceil(Math.log(longest / first) / Math.log(factor))));
                spent = first * (Math.pow(factor, growing) - 1) / (factor - 1) + (delays - growing) * longest;
            }
            return Duration.ofMillis((long) Math.max(0, window.toMillis() - spent));
        }
    }

    /** The delays one by one; after the last one the window is used up. */
    record Listed(List<Duration> delays, double jitter) implements RetrySchedule {

        @Override
        public Optional<Duration> delayAfter(int failedAttempts) {
            return failedAttempts <= delays.size() ? Optional.of(delays.get(failedAttempts - 1)) : Optional.empty();
        }

        @Override
        public Duration leftAfter(int spent) {
            return delays.stream().skip(spent).reduce(Duration.ZERO, Duration::plus);
        }
    }
}
