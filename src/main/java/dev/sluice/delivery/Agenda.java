package dev.sluice.delivery;

import io.vertx.core.Context;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * In which partitions lanes of one target are or may be ready, and in which they will be, and when. Lives on one event loop, and
 * has one timer for each partition that waits: nothing polls.
 */
final class Agenda {
    private final Set<Integer> ready = new LinkedHashSet<>();
    private final Map<Integer, Wake> wakes = new HashMap<>();
    private final Context loop;
    private final Runnable due;

    private record Wake(long timer, long atNanos) {}

    /** Makes an empty one.
     *
     * @param due told when the time of a partition has come
     */
    Agenda(Context loop, Runnable due) {
        this.loop = loop;
        this.due = due;
    }

    void ready(int partition) {
        ready.add(partition);
    }

    /** The partition is ready in a while, unless it is before. */
    void readyIn(int partition, Duration delay) {
        long millis = Math.max(1, delay.toMillis());
        long at = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        Wake planned = wakes.get(partition);
        if (planned != null) {
            if (planned.atNanos() - at <= 0) {
                return;
            }
            loop.owner().cancelTimer(planned.timer());
        }
        long timer = loop.owner()
                .setTimer(
                        millis,
                        fired -> loop.runOnContext(nothing -> {
                            wakes.remove(partition);
                            ready.add(partition);
                            due.run();
                        }));
        wakes.put(partition, new Wake(timer, at));
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    /** The partition that has been ready for longest; no longer on the agenda. */
    int next() {
        Iterator<Integer> first = ready.iterator();
        int partition = first.next();
        first.remove();
        return partition;
    }

    boolean isEmpty() {
        return ready.isEmpty() && wakes.isEmpty();
    }
}
