/**
 * The ordered store: what is in Redis of events.
 *
 * <p>A lane is the FIFO of one (target, source, ordering key). It is idle (no keys at all), ready, leased, waiting or parked;
 * which of them is decided by one score in one sorted set, so that a lane is never in two states. {@link
 * dev.sluice.lane.Accept} puts an event into its lanes, {@link dev.sluice.lane.Claim} leases ready ones, {@link
 * dev.sluice.lane.Heads} reads what stands first, {@link dev.sluice.lane.Settle} records what came of the attempt. Each of
 * these classes runs the Lua script that bears its name; atomicity and time come from there, never from a pod.
 */
@NullMarked
package dev.sluice.lane;

import org.jspecify.annotations.NullMarked;
