package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * What is delivered: the raw body, byte for byte, and what travels with it.
 *
 * @param contentType the sender's Content-Type; null when it sent none
 * @param traceparent the W3C trace context under which the event came in; null when there is none
 * @param body the raw body; never changed after it was read off the wire
 */
@SuppressWarnings("ArrayRecordComponent") // copying every body to guard it would cost more than it guards
public record Content(
        @Nullable String contentType, @Nullable String traceparent, byte[] body) {}
