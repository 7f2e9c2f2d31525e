package dev.sluice.ops;

import dev.sluice.lane.Position;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Where the next page begins, as callers hand it on without looking into it. */
final class Cursor {
    private static final String SEPARATOR = ":";
    private static final int PARTS = 3;

    private Cursor() {}

    static String text(Position position) {
        String text = position.at() + SEPARATOR + position.partition() + SEPARATOR + position.name();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one that anybody may have made up. */
    static Optional<Position> read(String cursor) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split(SEPARATOR, PARTS);
            return parts.length < PARTS
                    ? Optional.empty()
                    : Optional.of(new Position(Long.parseLong(parts[0]), Integer.parseInt(parts[1]), parts[2]));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
