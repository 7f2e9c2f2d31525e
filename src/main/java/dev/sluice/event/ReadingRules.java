package dev.sluice.event;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Where in a source's messages the parts of an event stand. Of several places the first that holds a value counts.
 *
 * @param type places of the event type
 * @param timestamp places of the time it happened; may be empty
 * @param ordering what the events are kept in order by
 * @param orderingKey places of the ordering key; empty unless ordered by entity
 * @param missingKey what an event without ordering key is taken for
 * @param dedupId places of the id by which a repetition is recognised; empty means by the raw body
 * @param version places of the version by which an event is known to be older than another; empty when nobody asks
 */
public record ReadingRules(
        List<Place> type,
        List<Place> timestamp,
        Ordering ordering,
        List<Place> orderingKey,
        MissingKey missingKey,
        List<Place> dedupId,
        List<Place> version) {

    /** What decides an event's order, as a text that changes when that does. */
    public String orderingFingerprint() {
        String mode = ordering.name().toLowerCase(Locale.ROOT);
        return ordering == Ordering.ENTITY
                ? mode + " " + names(orderingKey) + " "
                        + missingKey.name().toLowerCase(Locale.ROOT).replace('_', '-')
                : mode;
    }

    static String names(List<Place> places) {
        return places.stream().map(Place::toString).collect(Collectors.joining(", "));
    }
}
