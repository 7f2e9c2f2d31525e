package dev.sluice.lane;

import dev.sluice.redis.Moment;
import java.time.Duration;

/**
 * This gateway's right to deliver a lane's head until a deadline, proved by a fencing token. The time is reckoned from before
 * the call that granted or renewed it, so that it never seems longer here than it is in Redis.
 */
public final class Lease {
    private final String target;
    private final String lane;
    private final int partition;
    private final String token;
    private final Duration length;
    private volatile Moment granted;

    Lease(String target, String lane, int partition, String token, Duration length, Moment granted) {
        this.target = target;
        this.lane = lane;
        this.partition = partition;
        this.token = token;
        this.length = length;
        this.granted = granted;
    }

    public String target() {
        return target;
    }

    /** The lane's id. */
    public String lane() {
        return lane;
    }

    /** The source whose events stand in the lane. */
    String source() {
        return LaneId.source(lane);
    }

    public int partition() {
        return partition;
    }

    String token() {
        return token;
    }

    /** How long ago it was granted or last renewed. */
    public Duration age() {
        return granted.until(Moment.now());
    }

    /** How long it still holds; zero or negative when it has ended. */
    public Duration remaining() {
        return length.minus(age());
    }

    void renewed(Moment before) {
        granted = before;
    }
}
