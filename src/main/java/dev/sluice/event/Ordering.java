package dev.sluice.event;

/** What the events of a source are kept in order by. */
public enum Ordering {
    /** By the ordering key out of the payload: strict order per entity. */
    ENTITY,
    /** By the event type: strict order among all events of one type. */
    EVENT,
    /** By the source: one line for everything it sends. */
    SOURCE
}
