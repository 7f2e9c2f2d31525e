package dev.sluice.system;

/**
 * What the sender was answered.
 *
 * @param status {@code accepted} or {@code duplicate}
 * @param at when, in ns
 */
public record Sent(Message message, String id, long sequence, String status, long at) {}
