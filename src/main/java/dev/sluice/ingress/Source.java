package dev.sluice.ingress;

import dev.sluice.event.EventReader;
import dev.sluice.signature.Verifier;
import java.time.Duration;

/**
 * A sender of signed webhooks.
 *
 * @param name its name in configuration, URLs, metrics and logs
 * @param verifier tells whether a message is its own
 * @param reader reads its events
 * @param onUnreadable what becomes of an authentic message that is no readable event
 * @param dedupWindow for how long a repeated event is recognised, reckoned from its first arrival
 */
public record Source(
        String name, Verifier verifier, EventReader reader, OnUnreadable onUnreadable, Duration dedupWindow) {

    /** What becomes of an authentic message that is no readable event. */
    public enum OnUnreadable {
        /** It is kept as a dead letter of its source and answered 200, so that the sender goes on with its next event. */
        DEAD_LETTER,
        /** It is answered 400, and the sender holds its stream until it gives up. */
        REJECT
    }
}
