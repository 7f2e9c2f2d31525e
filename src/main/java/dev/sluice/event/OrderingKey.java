package dev.sluice.event;

/**
 * What an event is kept in order by, within its source: events of one source with equal keys are delivered in the order in
 * which they were accepted.
 *
 * <p>The first letter of the text tells what the rest is, so that an order whose id happens to be the name of an event type
 * does not share a lane with that type.
 *
 * @param text the key with its kind, as it stands in lane ids
 */
public record OrderingKey(String text) {
    private static final String ALONE = "u:";

    /** The id of an entity out of the payload; a long one is to be shortened before. */
    public static OrderingKey entity(String id) {
        return new OrderingKey("k:" + id);
    }

    /** All events of one type. */
    public static OrderingKey type(String type) {
        return new OrderingKey("t:" + type);
    }

    /** All events of the source. */
    public static OrderingKey wholeSource() {
        return new OrderingKey("s:");
    }

    /** No order at all: the event shares its lane with nothing. */
    public static OrderingKey alone(DedupId id) {
        return new OrderingKey(ALONE + id.text());
    }

    /** Whether nothing but the event itself can ever bear this key. */
    public boolean isAlone() {
        return text.startsWith(ALONE);
    }
}
