package dev.sluice.config;

import dev.sluice.event.Place;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the values below one key. What cannot be read is noted as a fault and stands as its default from there on, so that the
 * faults behind it are found as well.
 *
 * @param prefix the key they stand below, with the dot at its end
 */
record Values(String prefix, Faults faults) {
    private static final Pattern SEPARATOR = Pattern.compile("(?<!\\\\),");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final long MOST_BYTES = 1L << 40;
    private static final MemorySizeConverter SIZES = new MemorySizeConverter();
    private static final DurationConverter DURATIONS = new DurationConverter();

    void fault(String key, String reason, String mend) {
        faults.add(prefix + key, reason, mend);
    }

    Duration duration(String key, Optional<String> value, Duration ordinary) {
        if (value.isEmpty()) {
            return ordinary;
        }
        try {
            Duration duration = DURATIONS.convert(value.get());
            if (duration != null && duration.toMillis() > 0 && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            // told below
        }
        fault(
                key,
                "'" + value.get() + "' is no duration above zero and up to " + LONGEST.toDays() + " days",
                "write for example 500ms, 10s or 25h");
        return ordinary;
    }

    /** A list of them, at least one. */
    List<Duration> durations(String key, Optional<String> value) {
        return list(value).stream()
                .map(each -> duration(key, Optional.of(each), LONGEST))
                .toList();
    }

    long bytes(String key, Optional<String> value, long ordinary) {
        if (value.isEmpty()) {
            return ordinary;
        }
        try {
            long bytes = SIZES.convert(value.get().trim()).asLongValue();
            if (bytes > 0 && bytes <= MOST_BYTES) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        fault(key, "'" + value.get() + "' is no size above zero and up to 1T", "write for example 512K, 256M or 4G");
        return ordinary;
    }

    int integer(String key, Optional<String> value, int ordinary, int least, int most) {
        return (int) number(key, value, ordinary, least, most, true);
    }

    double decimal(String key, Optional<String> value, double ordinary, double least, double most) {
        return number(key, value, ordinary, least, most, false);
    }

    private double number(
            String key, Optional<String> value, double ordinary, double least, double most, boolean whole) {
        if (value.isEmpty()) {
            return ordinary;
        }
        try {
            double number = Double.parseDouble(value.get().trim());
            if (number >= least && number <= most && (!whole || number == Math.rint(number))) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        String kind = whole ? "whole number" : "number";
        String bounds = whole ? (long) least + " to " + (long) most : least + " to " + most;
        fault(key, "'" + value.get() + "' is no " + kind + " of " + bounds, "write one");
        return ordinary;
    }

    <T> T choice(String key, Optional<String> value, T ordinary, Map<String, T> choices) {
        if (value.isEmpty()) {
            return ordinary;
        }
        T chosen = choices.get(value.get().trim().toLowerCase(Locale.ROOT));
        if (chosen == null) {
            fault(
                    key,
                    "there is no '" + value.get() + "'",
                    "choose " + choices.keySet().stream().sorted().collect(Collectors.joining(" or ")));
            return ordinary;
        }
        return chosen;
    }

    /**
     * A list, separated by commas; a comma within an element is written {@code \,}. Empty elements stay: to drop one in silence
     * could drop a secret.
     */
    static List<String> list(Optional<String> value) {
        return value.map(text -> Arrays.stream(SEPARATOR.split(text, -1))
                        .map(element -> element.trim().replace("\\,", ","))
                        .toList())
                .orElse(List.of());
    }

    List<Place> places(String key, Optional<String> value) {
        List<Place> places = new ArrayList<>();
        for (String text : list(value)) {
            if (Place.Pointer.isPointer(text)) {
                places.add(new Place.Pointer(text));
            } else if (text.startsWith("header:") && isToken(text.substring("header:".length()))) {
                places.add(new Place.Header(text.substring("header:".length())));
            } else {
                fault(
                        key,
                        "'" + text + "' is neither a JSON Pointer (RFC 6901) nor a header",
                        "write for example /data/orderId or header:X-Event");
            }
        }
        return places;
    }

    /** Notes a fault where names cannot be told apart or do not fit into URLs, metrics and keys. */
    static void checkNames(String section, Iterable<String> names, Faults faults) {
        Map<String, String> seen = new HashMap<>();
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                faults.add(section + name, "this is no name", "use letters, digits, - and _, at most 64 characters");
            }
            String before = seen.put(name.toLowerCase(Locale.ROOT), name);
            if (before != null) {
                faults.add(section + name, "it is equal to '" + before + "' but for case", "rename one of them");
            }
        }
    }

    /** Whether a text can be the name of a header (RFC 9110, section 5.6.2). */
    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }
}
