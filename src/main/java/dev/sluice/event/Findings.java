package dev.sluice.event;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was found in a body at the places that others wanted to know of, in the same pass that read the event. */
public final class Findings {
    private final byte[] body;
    private final Set<String> places;
    private final @Nullable Map<String, JsonValue> found;

    /** Of one body.
     *
     * @param places where it was looked at
     * @param found by JSON Pointer, what stands there; null when the body is not JSON
     */
    Findings(byte[] body, Set<String> places, @Nullable Map<String, JsonValue> found) {
        this.body = body;
        this.places = places;
        this.found = found;
    }

    /** What stands at some JSON Pointers.
     *
     * @return by JSON Pointer, these and perhaps more; empty when the body is not JSON
     */
    public Optional<Map<String, JsonValue>> at(Set<String> pointers) {
        if (places.containsAll(pointers)) {
            return Optional.ofNullable(found);
        }
        // Somebody began to look there after the body was read, which nobody could know: this once it is read again.
        try {
            return Optional.of(new JsonScan(pointers, pointers).scan(body));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
