package dev.sluice.lane;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A place in a list that stands in many partitions: by time, then by partition, then by name.
 *
 * @param at by Redis' clock, in the unit of the list
 */
public record Position(long at, int partition, String name) implements Comparable<Position> {
    static final Position BEGINNING = since(0);

    private static final Comparator<Position> ORDER = Comparator.comparingLong(Position::at)
            .thenComparingInt(Position::partition)
            .thenComparing(Position::name, Position::compareBytes);

    /** Before all that stands there then. */
    static Position since(long at) {
        return new Position(at, 0, "");
    }

    /** From when on a partition has something behind this place: all of those before it that stand at the same time are passed. */
    long from(int other) {
        return other < partition ? at + 1 : at;
    }

    /** Behind which name it has some, of what stands there then. */
    String after(int other) {
        return other == partition ? name : "";
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    /** As Redis does. */
    private static int compareBytes(String one, String other) {
        return Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
