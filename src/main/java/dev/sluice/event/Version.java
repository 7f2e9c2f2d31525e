package dev.sluice.event;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the entity had got that an event tells of, in its sender's own count: by this it is known whether an event is older than
 * another one of its ordering key and type.
 *
 * @param kind what it counts; those of different kinds are not compared
 * @param digits as many for each: of two the one that is less as a number is older
 */
public record Version(Kind kind, String digits) {
    /** So many digits it has. */
    public static final int DIGITS = 30;

    private static final int BEFORE_THE_POINT = 20;

    /** A time is counted in nanoseconds. */
    private static final int AFTER_THE_POINT = 9;

    /** So that what is below zero has as many digits as what is above, and no sign. */
    private static final BigInteger ZERO = BigInteger.TEN.pow(DIGITS - 1).multiply(BigInteger.valueOf(5));

    /** What a version counts. */
    public enum Kind {
        NUMBER,
        TIME
    }

    /**
     * Reads a number of up to 20 digits before and 9 after the point, or a date-time of RFC 3339; empty when a text is neither.
     */
    public static Optional<Version> read(String text) {
        return JsonValue.number(text)
                .map(BigDecimal::stripTrailingZeros)
                .filter(number ->
                        number.scale() <= AFTER_THE_POINT && number.precision() - number.scale() <= BEFORE_THE_POINT)
                .map(number -> of(Kind.NUMBER, number))
                .or(() -> time(text).map(time -> of(Kind.TIME, time)));
    }

    private static Optional<BigDecimal> time(String text) {
        if (!Character.isDigit(text.charAt(0))) {
            // Java takes years with a sign as well.
            return Optional.empty();
        }
        try {
            Instant time = Instant.parse(text);
            return Optional.of(
                    BigDecimal.valueOf(time.getEpochSecond()).add(BigDecimal.valueOf(time.getNano(), AFTER_THE_POINT)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Version of(Kind kind, BigDecimal count) {
        return new Version(
                kind, count.setScale(AFTER_THE_POINT).unscaledValue().add(ZERO).toString());
    }
}
