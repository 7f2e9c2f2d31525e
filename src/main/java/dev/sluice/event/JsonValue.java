package dev.sluice.event;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A value that stands in a body. Null is none: it is as good as nothing.
 *
 * @param text the characters of a string, a number as it is written, {@code true} or {@code false}; empty of what holds others
 */
public record JsonValue(Kind kind, String text) {
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    /** So that a few bytes of a body cannot cost much, however often they are compared. */
    private static final int LONGEST_NUMBER = 100;

    private static final int LARGEST_EXPONENT = 9_999;

    /** What a value is. */
    public enum Kind {
        STRING,
        NUMBER,
        BOOLEAN,
        /** An object or an array. */
        STRUCTURE
    }

    /** The number that a text is, exactly; empty where JSON writes none so, and where it is too long to be reckoned with. */
    public static Optional<BigDecimal> number(String text) {
        if (text.length() > LONGEST_NUMBER || !NUMBER.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BigDecimal(text)).filter(number -> Math.abs(number.scale()) <= LARGEST_EXPONENT);
        } catch (NumberFormatException e) {
            // An exponent that no decimal has.
            return Optional.empty();
        }
    }

    /** The number that is written in it, also in a string. */
    public Optional<BigDecimal> number() {
        return number(text);
    }
}
