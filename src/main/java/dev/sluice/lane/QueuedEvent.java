package dev.sluice.lane;

import dev.sluice.event.Content;

/**
 * An accepted event, as it stands in a lane.
 *
 * @param id its id, which every answer and every delivery bears
 * @param sequence its number among the events of its source and ordering key
 * @param acceptedAt when it was accepted, in ms of Redis' clock
 * @param stale whether a newer one of its ordering key and type was accepted before
 * @param source the name of the source it came from
 * @param type the event type
 * @param content the body and what travels with it
 */
public record QueuedEvent(
        String id, long sequence, long acceptedAt, boolean stale, String source, String type, Content content) {}
