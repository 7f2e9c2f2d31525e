package dev.sluice.ops;

import dev.sluice.lane.Lanes.Place;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Where the next page of lanes begins, as callers hand it on without looking into it. */
final class LaneCursor {
    private static final String SEPARATOR = ":";
    private static final int PARTS = 3;

    private LaneCursor() {}

    static String text(Place place) {
        String text = place.acceptedAt() + SEPARATOR + place.partition() + SEPARATOR + place.lane();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one that anybody may have made up. */
    static Optional<Place> read(String cursor) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split(SEPARATOR, PARTS);
            return parts.length < PARTS
                    ? Optional.empty()
                    : Optional.of(new Place(Long.parseLong(parts[0]), Integer.parseInt(parts[1]), parts[2]));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
