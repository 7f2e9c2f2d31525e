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
 * @param excerpt the beginning of what the target answered when something went wrong; empty when there is none
 */
public record Told(
        int number,
        OptionalInt status,
        Duration took,
        String gateway,
        @Nullable String error,
        String excerpt) {
    private static final String SEPARATOR = "\t";
    private static final int PARTS = 6;

    /** As it stands in the history. The excerpt is last: settle.lua may leave it out. */
    String text() {
        return String.join(
                SEPARATOR,
                Integer.toString(number),
                status.isPresent() ? Integer.toString(status.getAsInt()) : "",
                Long.toString(took.toMillis()),
                gateway,
                error == null ? "" : inOneLine(error),
                inOneLine(excerpt));
    }

    private static String inOneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    static Told read(String text) {
        String[] parts = text.split(SEPARATOR, PARTS);
        return new Told(
                Integer.parseInt(parts[0]),
                parts[1].isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parts[1])),
                Duration.ofMillis(Long.parseLong(parts[2])),
                parts[3],
                parts[4].isEmpty() ? null : parts[4],
                parts.length < PARTS ? "" : parts[5]);
    }
}
