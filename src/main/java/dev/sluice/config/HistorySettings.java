package dev.sluice.config;

import dev.sluice.webhook.PublishedSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * For how long what became of events is told, and the events themselves are kept beyond their deliveries, out of the properties
 * of the sources.
 *
 * @param histories by source; one that is not named has none
 * @param mostEvents of how many events a history is kept at most
 * @param retentions by source; one that is not named has none
 * @param mostBytes how much is kept beyond deliveries at most
 */
record HistorySettings(
        Map<String, Duration> histories, int mostEvents, Map<String, Duration> retentions, long mostBytes) {
    private static final String PUBLISH = "sluice.publish.";
    private static final Duration PUBLISH_HISTORY = Duration.ofHours(24);
    private static final int EVENTS = 100_000;
    private static final int MOST_EVENTS = 100_000_000;
    private static final long BYTES = 256L * 1024 * 1024;

    static HistorySettings read(SluiceProperties properties, Faults faults) {
        Map<String, Duration> histories = new HashMap<>();
        Map<String, Duration> retentions = new HashMap<>();
        properties.sources().forEach((name, source) -> {
            Values values = new Values(SourceSettings.SECTION + name + ".", faults);
            Optional<Duration> history = length("history", source.history(), values);
            Optional<Duration> retention = length("retention", source.retention(), values);
            history.ifPresent(length -> histories.put(name, length));
            retention.ifPresent(length -> retentions.put(name, length));
            check(history, retention, values);
        });
        Values values = new Values(PUBLISH, faults);
        SluiceProperties.Publish publish = properties.publish();
        Optional<Duration> history = publish.history().isEmpty()
                ? Optional.of(PUBLISH_HISTORY)
                : length("history", publish.history(), values);
        Optional<Duration> retention = length("retention", publish.retention(), values);
        history.ifPresent(length -> histories.put(PublishedSource.NAME, length));
        retention.ifPresent(length -> retentions.put(PublishedSource.NAME, length));
        check(history, retention, values);
        return new HistorySettings(
                Map.copyOf(histories),
                new Values("sluice.history.", faults)
                        .integer("max-events", properties.history().maxEvents(), EVENTS, 1, MOST_EVENTS),
                Map.copyOf(retentions),
                new Values("sluice.retention.", faults)
                        .bytes("max-bytes", properties.retention().maxBytes(), BYTES));
    }

    private static Optional<Duration> length(String key, Optional<String> value, Values values) {
        return value.isEmpty() || value.get().trim().equalsIgnoreCase("off")
                ? Optional.empty()
                : Optional.of(values.duration(key, value, PUBLISH_HISTORY));
    }

    /** An event is found again by its history, and where it went. */
    private static void check(Optional<Duration> history, Optional<Duration> retention, Values values) {
        if (retention.isPresent() && history.orElse(Duration.ZERO).compareTo(retention.get()) < 0) {
            values.fault(
                    "retention", "events are found again by their history, which is shorter", "make history as long");
        }
    }
}
