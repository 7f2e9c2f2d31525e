package dev.sluice.webhook;

import java.util.List;

/** What a request to publish holds. */
public sealed interface PublishRequest {
    /** One event. */
    record Single(Publication event) implements PublishRequest {}

    /**
     * Several events, each for itself: a faulty one does not spoil the others.
     *
     * @param events in the order in which they were sent; at least one
     */
    record Batch(List<Publication> events) implements PublishRequest {}

    /** Nothing of which any part can be accepted. */
    record Refused(Fault fault) implements PublishRequest {}

    /** Whether any event of it can be accepted. */
    default boolean isAcceptable() {
        if (this instanceof Single single) {
            return single.event() instanceof Publication.Sound;
        }
        return this instanceof Batch batch && batch.events().stream().anyMatch(Publication.Sound.class::isInstance);
    }
}
