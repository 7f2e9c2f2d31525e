package dev.sluice.system;

import java.time.Duration;

/**
 * A time in which a gateway's process stood still. It may have been stopped between its last look at the lease and the write, or
 * with a request under way: no gateway can prevent what comes of that.
 *
 * @param gateway its name
 * @param from when it was stopped, in ns
 * @param to when it was let go on, in ns
 */
public record Stop(String gateway, long from, long to) {
    /** What was about to be written when the process was stopped is there so soon after it goes on. */
    private static final long WRITTEN_NANOS = Duration.ofSeconds(2).toNanos();

    /** Whether the gateway stood still while it made one of the two requests. */
    boolean explains(Hit hit) {
        return concerns(hit.first()) || concerns(hit.second());
    }

    private boolean concerns(Arrival arrival) {
        return arrival.gateway().equals(gateway) && arrival.began() - WRITTEN_NANOS < to && from < arrival.ended();
    }
}
