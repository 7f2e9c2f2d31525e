package dev.sluice.delivery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the header Retry-After (RFC 9110, section 10.2.3): seconds, or an HTTP date. */
final class RetryAfter {
    private static final int LONGEST_NUMBER = 9;

    private RetryAfter() {}

    /** Reads the header.
     *
     * @return empty when there is none, it makes no sense or lies in the past
     */
    static Optional<Duration> read(@Nullable String value, Instant now) {
        if (value == null) {
            return Optional.empty();
        }
        String text = value.trim();
        return seconds(text)
                .or(() -> date(text).map(date -> Duration.between(now, date)))
                .filter(wait -> wait.compareTo(Duration.ZERO) > 0);
    }

    private static Optional<Duration> seconds(String text) {
        boolean number = !text.isEmpty()
                && text.length() <= LONGEST_NUMBER
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Optional.of(Duration.ofSeconds(Long.parseLong(text))) : Optional.empty();
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
