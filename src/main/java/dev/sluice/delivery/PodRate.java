package dev.sluice.delivery;

import dev.sluice.delivery.Policy.RateLimit;
import dev.sluice.fleet.SharedRates.Permits;
import io.smallrye.faulttolerance.api.RateLimitException;
import io.smallrye.faulttolerance.api.RateLimitType;
import io.smallrye.faulttolerance.api.TypedGuard;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** The rate of one target that this gateway keeps to by itself. From any thread. */
final class PodRate {
    private final TypedGuard<Integer> guard;

    PodRate(RateLimit limit) {
        Duration window = limit.step().multipliedBy(limit.burst());
        guard = TypedGuard.create(Integer.class)
                .withRateLimit()
                .type(RateLimitType.SMOOTH)
                .limit(limit.burst())
                .window(window.plusNanos(999_999).toMillis(), ChronoUnit.MILLIS)
                .done()
                .build();
    }

    /** Takes up to so many permits. */
    Permits take(int wanted) {
        for (int taken = 0; taken < wanted; taken++) {
            try {
                guard.get(() -> 1);
            } catch (RateLimitException spent) {
                return new Permits(taken, Duration.ofMillis(spent.getRetryAfterMillis()));
            }
        }
        return new Permits(wanted, Duration.ZERO);
    }
}
