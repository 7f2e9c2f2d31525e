package dev.sluice.config;

import dev.sluice.event.EventReader;
import dev.sluice.event.MissingKey;
import dev.sluice.event.Ordering;
import dev.sluice.event.Place;
import dev.sluice.event.ReadingRules;
import dev.sluice.redis.Durability;
import dev.sluice.webhook.PublishedSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The source of published events out of its properties: like any source, but for what the API gives it.
 *
 * @param source as publishing knows it
 * @param orderingFingerprint as the lanes know it
 * @param dropsStale whether its events are dropped when a newer one was accepted before
 * @param durability how safe its events must be before they count as accepted
 */
record PublishSettings(PublishedSource source, String orderingFingerprint, boolean dropsStale, Durability durability) {
    private static final Duration DEDUP_WINDOW = Duration.ofHours(25);

    static PublishSettings read(SluiceProperties.Publish properties, Faults faults) {
        Values values = new Values("sluice.publish.", faults);
        Ordering ordering = SourceSettings.ordering(properties.ordering(), values);
        Optional<String> key = properties.orderingKey().places();
        if (ordering != Ordering.ENTITY && key.isPresent()) {
            values.fault("ordering-key", "nothing is ordered by it", "remove it, or order by entity");
        }
        StaleSettings stale = StaleSettings.read(properties.stale(), values);
        ReadingRules rules = new ReadingRules(
                List.of(new Place.Pointer("/event")),
                List.of(new Place.Pointer("/timestamp")),
                ordering,
                values.places("ordering-key", key),
                values.choice(
                        "ordering-key.missing",
                        properties.orderingKey().missing(),
                        MissingKey.EVENT_TYPE,
                        Map.of("event-type", MissingKey.EVENT_TYPE, "none", MissingKey.NONE)),
                List.of(),
                stale.by());
        Duration window = values.duration("dedup.window", properties.dedup().window(), DEDUP_WINDOW);
        return new PublishSettings(
                new PublishedSource(new EventReader(PublishedSource.NAME, rules), window),
                rules.orderingFingerprint(),
                stale.drops(),
                DurabilitySettings.read(properties.durability(), values));
    }
}
