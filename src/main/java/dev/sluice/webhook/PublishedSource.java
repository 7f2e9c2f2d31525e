package dev.sluice.webhook;

import dev.sluice.event.EventReader;
import java.time.Duration;

/**
 * The source of published events: one like any other, but that its events come through the API.
 *
 * @param reader reads them out of what recipients get
 * @param window for how long an Idempotency-Key is remembered, from its first use on
 */
public record PublishedSource(EventReader reader, Duration window) {
    /** Its name among the sources. */
    public static final String NAME = "publish";
}
