package dev.sluice.config;

import dev.sluice.delivery.Policy;
import dev.sluice.delivery.Policy.OnExhausted;
import dev.sluice.delivery.RetrySchedule;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** One policy out of its properties. */
final class PolicySettings {
    static final String SECTION = "sluice.policies.";

    /** The policy of targets that name none; it is there without being configured. */
    static final String DEFAULT = "default";

    private static final int MOST_CONCURRENCY = 10_000;
    private static final double MOST_FACTOR = 1_000;

    private PolicySettings() {}

    static Policy read(String name, SluiceProperties.Policy properties, Faults faults) {
        Values values = new Values(SECTION + name + ".", faults);
        Policy ordinary = ordinary();
        Duration timeout = values.duration("timeout", properties.timeout(), ordinary.timeout());
        Duration connect = values.duration(
                "connect-timeout", properties.connectTimeout(), shorter(ordinary.connectTimeout(), timeout));
        if (connect.compareTo(timeout) > 0) {
            values.fault("connect-timeout", "it is longer than the timeout of the whole attempt", "make it shorter");
        }
        return new Policy(
                timeout,
                connect,
                values.integer("concurrency", properties.concurrency(), ordinary.concurrency(), 1, MOST_CONCURRENCY),
                retry(properties.retry(), values),
                values.choice(
                        "on-exhausted",
                        properties.onExhausted(),
                        ordinary.onExhausted(),
                        Map.of("dead-letter", OnExhausted.DEAD_LETTER, "park", OnExhausted.PARK)));
    }

    /** What holds when nothing is configured. */
    static Policy ordinary() {
        return new Policy(
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                64,
                new RetrySchedule(Duration.ofSeconds(1), 2, Duration.ofHours(24), Duration.ofHours(24), 0.1),
                OnExhausted.DEAD_LETTER);
    }

    private static RetrySchedule retry(SluiceProperties.Retry properties, Values values) {
        RetrySchedule ordinary = ordinary().retry();
        Duration window = values.duration("retry.window", properties.window(), ordinary.window());
        Optional<String> maxDelay = properties.maxDelay();
        Duration longest = values.duration("retry.max-delay", maxDelay, window);
        Duration initial = values.duration("retry.initial", properties.initial(), shorter(ordinary.initial(), longest));
        if (initial.compareTo(longest) > 0) {
            values.fault("retry.initial", "it is longer than the longest delay of " + longest, "make it shorter");
        }
        return new RetrySchedule(
                initial,
                values.decimal("retry.factor", properties.factor(), ordinary.factor(), 1, MOST_FACTOR),
                longest,
                window,
                values.decimal("retry.jitter", properties.jitter(), ordinary.jitter(), 0, 1));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
