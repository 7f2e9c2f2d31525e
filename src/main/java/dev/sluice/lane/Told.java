package dev.sluice.lane;

import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the history of an event is told of one attempt to deliver it.
 *
 * @param number the attempt's number, from 1
 * @param status the target's answer, where there was one
 * @param took how long it took
 * @param gateway the gateway that made it
 * @param error what went wrong; null when nothing did
 */
public record Told(
        int number,
        OptionalInt status,
        Duration took,
        String gateway,
        @Nullable String error) {
    private static final String SEPARATOR = "\t";
    private static final int PARTS = 5;

    /** As it stands in the history. */
    String text() {
        return String.join(
                SEPARATOR,
                Integer.toString(number),
                status.isPresent() ? Integer.toString(status.getAsInt()) : "",
                Long.toString(took.toMillis()),
                gateway,
                error == null ? "" : error.replaceAll("\\p{Cntrl}", " "));
    }

    static Told read(String text) {
        String[] parts = text.split(SEPARATOR, PARTS);
        return new Told(
                Integer.parseInt(parts[0]),
                parts[1].isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parts[1])),
                Duration.ofMillis(Long.parseLong(parts[2])),
                parts[3],
                parts[4].isEmpty() ? null : parts[4]);
    }
}
