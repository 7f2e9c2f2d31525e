package dev.sluice.event;

/** What came of reading an authentic message. */
public sealed interface Reading {
    /**
     * An event with all it needs.
     *
     * @param findings what was found in its body for others
     */
    record Understood(Event event, Findings findings) implements Reading {}

    /**
     * No event: not JSON, or it lacks something that its source's events must have.
     *
     * @param event the message as it came: without type or timestamp, in order with nothing, recognised by its bytes
     * @param reason what is wrong, for people; holds nothing of the body
     */
    record Unreadable(Event event, String reason) implements Reading {}
}
