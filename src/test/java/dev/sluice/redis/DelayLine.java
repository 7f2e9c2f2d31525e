package dev.sluice.redis;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** One direction of a connection, on which what is sent arrives late, but in order: also when the delay changes. */
final class DelayLine {
    private final Vertx vertx;
    private final Queue<Runnable> underWay = new ArrayDeque<>();
    private long lastArrival = System.nanoTime();

    DelayLine(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Sends something; on the thread of one event loop, where it arrives, too. */
    void send(Duration delay, Runnable arrival) {
        long now = System.nanoTime();
        lastArrival += Math.max(0, now + delay.toNanos() - lastArrival);
        long wait = lastArrival - now;
        if (underWay.isEmpty() && wait <= 0) {
            arrival.run();
            return;
        }
        underWay.add(arrival);
        // Whichever timer is first brings what is first: two that end in one millisecond may do so in any order.
        vertx.setTimer(
                TimeUnit.NANOSECONDS.toMillis(Math.max(0, wait)) + 1,
                timer -> underWay.remove().run());
    }
}
