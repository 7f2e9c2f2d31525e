package dev.sluice.event;

/** What an event that lacks its ordering key is taken for. */
public enum MissingKey {
    /** For unreadable. */
    UNREADABLE,
    /** For one of its event type's line. */
    EVENT_TYPE,
    /** For one that needs no order. */
    NONE
}
