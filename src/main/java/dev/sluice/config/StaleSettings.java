package dev.sluice.config;

import dev.sluice.event.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What becomes of a source's events when a newer one of their ordering key and type was accepted before, out of its properties.
 *
 * @param by places of the version by which that is known; empty when nobody asks
 * @param drops whether they are dropped, not delivered
 */
record StaleSettings(List<Place> by, boolean drops) {

    static StaleSettings read(SluiceProperties.Stale properties, Values values) {
        Optional<String> action = properties.action();
        if (action.isPresent() && properties.by().isEmpty()) {
            values.fault(
                    "stale.by", "it is missing", "tell where a version or a time stands, for example /data/updatedAt");
        }
        if (action.isEmpty() && properties.by().isPresent()) {
            values.fault("stale", "it is missing", "tell what becomes of what is older: deliver or drop");
        }
        return new StaleSettings(
                values.places("stale.by", properties.by()),
                values.choice("stale", action, false, Map.of("deliver", false, "drop", true)));
    }
}
