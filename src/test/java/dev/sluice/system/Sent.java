package dev.sluice.system;

/**
 * What the sender was answered.
 *
 * @param status {@code accepted} or {@code duplicate}
 */
record Sent(Message message, String id, long sequence, String status) {}
