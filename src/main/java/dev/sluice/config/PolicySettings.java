package dev.sluice.config;

import dev.sluice.delivery.Policy;
import dev.sluice.delivery.Policy.Bound;
import dev.sluice.delivery.Policy.Bounds;
import dev.sluice.delivery.Policy.Circuit;
import dev.sluice.delivery.Policy.OnExhausted;
import dev.sluice.delivery.Policy.RateLimit;
import dev.sluice.delivery.RetrySchedule;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Policies out of their properties. */
final class PolicySettings {
    static final String SECTION = "sluice.policies.";

    /** The policy of targets that name none; it is there without being configured. */
    static final String DEFAULT = "default";

    private static final int MOST_CONCURRENCY = 10_000;
    private static final double MOST_FACTOR = 1_000;
    private static final int MOST_WINDOW = 10_000;
    private static final int MOST_SUCCESSES = 100;
    private static final int MOST_EVENTS = 1_000_000_000;
    private static final long GIGABYTE = 1L << 30;
    private static final int MOST_RATE = 1_000_000;
    private static final int MOST_RATE_A_MILLI = 100;
    private static final int LEAST_FINAL = 300;
    private static final int MOST_FINAL = 599;

    /** As the provider that Sluice speaks for retries its own: 1 s, 2 s, 4 s ... for a day. */
    private static final RetrySchedule.Growing PROVIDER =
            new RetrySchedule.Growing(Duration.ofSeconds(1), 2, Duration.ofHours(24), Duration.ofHours(24), 0.1);

    private static final RateLimit UNLIMITED = new RateLimit(0, Duration.ofSeconds(1), false);

    /** Opens for a target that is down, with many lanes: a few that fail keep to the times of their retries. */
    private static final Circuit CIRCUIT = new Circuit(200, 0.9, Duration.ofSeconds(10), 3);

    /** A day of ten events a second, and some. */
    private static final Bounds BOUNDS =
            new Bounds(new Bound(1_000_000, GIGABYTE), false, false, new Bound(100_000, GIGABYTE / 4));

    private PolicySettings() {}

    /** Reads and checks what stands below a key.
     *
     * @param section the key, with the dot at its end
     * @param ordinary what holds where nothing is configured there
     */
    static Policy read(String section, SluiceProperties.Policy properties, Policy ordinary, Faults faults) {
        Values values = new Values(section, faults);
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
                rateLimit(properties.rateLimit(), ordinary.rateLimit(), values),
                circuit(properties.circuit(), ordinary.circuit(), values),
                values.choice(
                        "address-guard",
                        properties.addressGuard(),
                        ordinary.guarded(),
                        Map.of("on", true, "off", false)),
                retry(properties.retry(), ordinary.retry(), values),
                bounds(properties, ordinary.bounds(), values),
                finalStatuses(properties.finalStatuses(), ordinary.finalStatuses(), values),
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
                UNLIMITED,
                CIRCUIT,
                false,
                PROVIDER,
                BOUNDS,
                Set.of(),
                OnExhausted.DEAD_LETTER);
    }

    private static Circuit circuit(SluiceProperties.Circuit properties, Circuit ordinary, Values values) {
        return new Circuit(
                values.integer("circuit.window", properties.window(), ordinary.window(), 1, MOST_WINDOW),
                values.decimal("circuit.failure-ratio", properties.failureRatio(), ordinary.failureRatio(), 0.01, 1),
                values.duration("circuit.delay", properties.delay(), ordinary.delay()),
                values.integer("circuit.successes", properties.successes(), ordinary.successes(), 1, MOST_SUCCESSES));
    }

    private static RateLimit rateLimit(SluiceProperties.RateLimit properties, RateLimit ordinary, Values values) {
        int max = values.integer("rate-limit.max", properties.max(), ordinary.max(), 0, MOST_RATE);
        Duration window = values.duration("rate-limit.window", properties.window(), ordinary.window());
        boolean shared = values.choice(
                "rate-limit.scope", properties.scope(), ordinary.shared(), Map.of("pod", false, "cluster", true));
        if (max == 0 && (properties.window().isPresent() || properties.scope().isPresent())) {
            values.fault("rate-limit.max", "it is missing or 0, and there is no limit", "tell how many in a window");
        }
        if (max / MOST_RATE_A_MILLI > window.toMillis()) {
            values.fault("rate-limit.window", "that is too fast to be kept to", "make it longer, or leave it out");
        }
        return new RateLimit(max, window, shared);
    }

    private static RetrySchedule retry(SluiceProperties.Retry properties, RetrySchedule ordinary, Values values) {
        double jitter = values.decimal("retry.jitter", properties.jitter(), ordinary.jitter(), 0, 1);
        boolean grows = Stream.of(properties.initial(), properties.factor(), properties.maxDelay(), properties.window())
                .anyMatch(Optional::isPresent);
        if (properties.delays().isPresent()) {
            if (grows) {
                values.fault("retry.delays", "there are others for delays that grow", "remove either");
            }
            return new RetrySchedule.Listed(values.durations("retry.delays", properties.delays()), jitter);
        }
        if (ordinary instanceof RetrySchedule.Listed listed && !grows) {
            return new RetrySchedule.Listed(listed.delays(), jitter);
        }
        return growing(
                properties, ordinary instanceof RetrySchedule.Growing growing ? growing : PROVIDER, jitter, values);
    }

    private static RetrySchedule growing(
            SluiceProperties.Retry properties, RetrySchedule.Growing ordinary, double jitter, Values values) {
        Duration window = values.duration("retry.window", properties.window(), ordinary.window());
        Duration longest = values.duration(
                "retry.max-delay",
                properties.maxDelay(),
                ordinary.maxDelay().equals(ordinary.window()) ? window : shorter(ordinary.maxDelay(), window));
        Duration initial = values.duration("retry.initial", properties.initial(), shorter(ordinary.initial(), longest));
        if (initial.compareTo(longest) > 0) {
            values.fault("retry.initial", "it is longer than the longest delay of " + longest, "make it shorter");
        }
        return new RetrySchedule.Growing(
                initial,
                values.decimal("retry.factor", properties.factor(), ordinary.factor(), 1, MOST_FACTOR),
                longest,
                window,
                jitter);
    }

    private static Bounds bounds(SluiceProperties.Policy properties, Bounds ordinary, Values values) {
        SluiceProperties.Backlog backlog = properties.backlog();
        return new Bounds(
                bound("backlog.max", backlog.max(), ordinary.backlog(), values),
                values.choice("backlog", backlog.kept(), ordinary.latest(), Map.of("all", false, "latest", true)),
                values.choice(
                        "backlog.full",
                        backlog.full(),
                        ordinary.disables(),
                        Map.of("dead-letter", false, "disable", true)),
                bound("dead-letters.max", properties.deadLetters().max(), ordinary.deadLetters(), values));
    }

    private static Bound bound(String key, SluiceProperties.Bound properties, Bound ordinary, Values values) {
        return new Bound(
                values.integer(key, properties.events(), Math.toIntExact(ordinary.events()), 1, MOST_EVENTS),
                values.bytes(key + ".bytes", properties.bytes(), ordinary.bytes()));
    }

    private static Set<Integer> finalStatuses(Optional<String> value, Set<Integer> ordinary, Values values) {
        if (value.isEmpty()) {
            return ordinary;
        }
        Set<Integer> statuses = new TreeSet<>();
        for (String status : Values.list(value)) {
            statuses.add(values.integer("final", Optional.of(status), LEAST_FINAL, LEAST_FINAL, MOST_FINAL));
        }
        return statuses;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
