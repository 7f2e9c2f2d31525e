package dev.sluice.lane;

import java.util.Optional;

/**
 * What operators name a dead letter by.
 *
 * @param partition where it is
 * @param name whose it is and which event: the lane, or @ and the source of one that was no readable event; then the event's id
 */
public record DeadLetterRef(int partition, String name) {
    private static final char OF_SOURCE = '@';
    private static final char SEPARATOR = '|';

    /** As what the dead letters of a source are kept that were no readable events. */
    public static String ofSource(String source) {
        return OF_SOURCE + source;
    }

    /** As it stands in a path. */
    public String text() {
        return new Handle(partition, name).text();
    }

    /** Reads one that anybody may have made up. */
    static Optional<DeadLetterRef> read(String text, int partitions) {
        return Handle.read(text, partitions)
                .map(handle -> new DeadLetterRef(handle.partition(), handle.name()))
                .filter(DeadLetterRef::isOne);
    }

    /** Whether it was no readable event. */
    public boolean isUnreadable() {
        return name.charAt(0) == OF_SOURCE;
    }

    /** The target it was meant for, or what {@link #ofSource} says. */
    public String target() {
        return isUnreadable() ? name.substring(0, name.indexOf(SEPARATOR)) : LaneId.target(name);
    }

    /** The source it came from. */
    public String source() {
        return isUnreadable() ? target().substring(1) : LaneId.source(name);
    }

    /** The event's id. */
    public String event() {
        return name.substring(name.lastIndexOf(SEPARATOR) + 1);
    }

    /** The lane it was in, and goes back into; empty where it was no readable event. */
    String lane() {
        return isUnreadable() ? "" : name.substring(0, name.lastIndexOf(SEPARATOR));
    }

    /** What it is in order by; empty where it was no readable event. */
    public Optional<String> orderingKey() {
        return isUnreadable() ? Optional.empty() : Optional.of(LaneId.orderingKey(lane()));
    }

    /** As it stands in Redis, among those of its target. */
    String letter() {
        return lane() + SEPARATOR + event();
    }

    private boolean isOne() {
        boolean isOfSomebody = name.lastIndexOf(SEPARATOR) > 1 && (isUnreadable() || LaneId.isOne(lane()));
        return isOfSomebody && EventId.isOne(event(), partition);
    }
}
