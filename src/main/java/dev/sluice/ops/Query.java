package dev.sluice.ops;

import dev.sluice.lane.Position;
import dev.sluice.problem.Problem;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The parameters of a query, read one after the other. They come as text, because REST answers 404 to one that it cannot read; an empty
 * one was not given.
 */
final class Query {
    static final String NO_TARGET = "target must be one of the configuration, the id of a webhook, or webhooks";

    private static final int MOST_A_PAGE = 200;

    private final List<String> faults = new ArrayList<>();

    /** Thrown away once it is known that the query is refused. */
    private static final int NONE = 1;

    int limit(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MOST_A_PAGE) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // It is told below.
        }
        faults.add("limit must be 1 to " + MOST_A_PAGE);
        return NONE;
    }

    Optional<Position> after(String text) {
        return read(text, Cursor::read, "after must be what the page before called next");
    }

    /** A moment, in ms. */
    Optional<Long> moment(String name, String text) {
        return read(text, Query::moment, name + " must be a time as 2026-01-31T03:00:00Z");
    }

    /** What a parameter means.
     *
     * @param meaning empty where it means nothing
     * @param must told of it then
     */
    <T> Optional<T> read(String text, Function<String, Optional<T>> meaning, String must) {
        Optional<T> read = text.isEmpty() ? Optional.empty() : meaning.apply(text);
        require(text.isEmpty() || read.isPresent(), must);
        return read;
    }

    void require(boolean holds, String must) {
        if (!holds) {
            faults.add(must);
        }
    }

    /** The answer to one that cannot be understood; empty when it can. */
    Optional<Response> refusal() {
        return faults.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Problem.of(400, "invalid", String.join("; ", faults)).response());
    }

    /** A moment as ISO 8601 writes it, in ms. */
    static Optional<Long> moment(String text) {
        try {
            return Optional.of(Instant.parse(text).toEpochMilli());
        } catch (DateTimeParseException | ArithmeticException e) {
            return Optional.empty();
        }
    }
}
