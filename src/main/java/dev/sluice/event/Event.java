package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * One verified message, as it was read and before it was accepted.
 *
 * @param source the name of the source it came from
 * @param type the event type, printable ASCII; empty when the body could not be read
 * @param timestamp when it happened, in the sender's own words; null when the sender does not tell
 * @param orderingKey what it is kept in order by
 * @param dedupId by what a repetition of it is recognised
 * @param version how far what it tells of had got; null when it does not tell, or nobody asks
 * @param content the body and what travels with it
 */
public record Event(
        String source,
        String type,
        @Nullable String timestamp,
        OrderingKey orderingKey,
        DedupId dedupId,
        @Nullable Version version,
        Content content) {

    /** The same, recognised by another id. */
    public Event with(DedupId id) {
        return new Event(source, type, timestamp, orderingKey, id, version, content);
    }

    /** The same body with something else beside it. */
    public Event with(Content other) {
        return new Event(source, type, timestamp, orderingKey, dedupId, version, other);
    }
}
