package dev.sluice.lane;

import dev.sluice.event.Event;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of an accepted event: its partition, by what it is recognised, and its sequence, with a dash between. It holds no full
 * stop, which Standard Webhooks puts between an id and what follows it.
 */
final class EventId {
    private static final char SEPARATOR = '-';
    private static final Pattern FORM = Pattern.compile("[0-9]{1,9}-[A-Za-z0-9_-]{1,64}-[0-9]{1,16}");

    private EventId() {}

    /** What comes before the sequence, which only the store knows. */
    static String stem(Partition partition, Event event) {
        return "" + partition.number() + SEPARATOR + event.dedupId().text();
    }

    static String of(Partition partition, Event event, long sequence) {
        return stem(partition, event) + SEPARATOR + sequence;
    }

    static long sequence(String id) {
        return Long.parseLong(id, id.lastIndexOf(SEPARATOR) + 1, id.length(), 10);
    }

    /** The partition of an id that anybody may have made up. */
    static Optional<Partition> partition(String id, int partitions) {
        int end = id.indexOf(SEPARATOR);
        try {
            int number = end < 1 ? -1 : Integer.parseInt(id.substring(0, end));
            return number >= 0 && number < partitions ? Optional.of(new Partition(number)) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether a text that anybody may have made up could be one of a partition. */
    static boolean isOne(String text, int partition) {
        return FORM.matcher(text).matches() && text.startsWith("" + partition + SEPARATOR);
    }
}
