package dev.sluice.system;

/**
 * One request at a target.
 *
 * @param id the event's id, as its header has it
 * @param began when it was read, in ns
 * @param ended when it was answered or its connection closed, in ns; {@link Long#MAX_VALUE} while it is neither
 * @param status what it was answered; 0 when its connection closed before
 * @param signed whether its signature fits
 * @param gateway what its header {@link #GATEWAY} names; empty without one
 */
public record Arrival(
        Message message, String id, long sequence, long began, long ended, int status, boolean signed, String gateway) {
    /** Tells gateways apart where a test has each of them send its own. */
    public static final String GATEWAY = "X-Gateway";

    /** The same, when it is over. */
    Arrival ended(long at, int how) {
        return new Arrival(message, id, sequence, began, at, how, signed, gateway);
    }
}
