package dev.sluice.lane;

/**
 * A lane's head with the right to deliver it.
 *
 * @param lease the right
 * @param head the event
 * @param attempts how often it has failed before
 */
public record Leased(Lease lease, QueuedEvent head, int attempts) {}
