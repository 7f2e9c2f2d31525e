package dev.sluice.webhook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of reading one event that an application publishes. */
public sealed interface Publication {
    /**
     * An event that can be accepted.
     *
     * @param type the event type
     * @param timestamp when it happened, in the application's words, or when it was published where it does not tell
     * @param orderingKey the key it is to be kept in order by, numbers as they are written; null when the application gives none
     * @param body what recipients get: <code>{"event":...,"timestamp":...,"data":...}</code>, the values byte for byte as published
     * @param data where in the body the value of {@code data} stands
     */
    @SuppressWarnings("ArrayRecordComponent") // copying every body to guard it would cost more than it guards
    record Sound(String type, String timestamp, @Nullable String orderingKey, byte[] body, Span data)
            implements Publication {}

    /**
     * No event, or one that breaks a rule.
     *
     * @param faults at least one; their pointers begin at this event, not at the batch it stands in
     */
    record Faulty(List<Fault> faults) implements Publication {}
}
