package dev.sluice.redis;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets so many calls be under way at a time; the rest fail at once instead of waiting in memory. */
public final class Bound {
    private final int most;
    private final AtomicInteger underWay = new AtomicInteger();

    public Bound(int most) {
        this.most = most;
    }

    /** Takes a place.
     *
     * @throws StoreUnavailable if there is none
     */
    public void enter() {
        if (underWay.incrementAndGet() > most) {
            leave();
            throw new StoreUnavailable("more calls wait for Redis than it can answer");
        }
    }

    /** Gives the place back. */
    public void leave() {
        underWay.decrementAndGet();
    }
}
