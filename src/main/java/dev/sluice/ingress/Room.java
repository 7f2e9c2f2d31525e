package dev.sluice.ingress;

import java.util.concurrent.atomic.AtomicLong;

/** For how many bytes of events that are not answered yet there is room in memory, however many senders there are. From any thread. */
final class Room {
    private final AtomicLong left;

    Room(long bytes) {
        left = new AtomicLong(bytes);
    }

    /** Takes so many; false when there are not. */
    boolean take(int bytes) {
        return left.getAndUpdate(now -> now >= bytes ? now - bytes : now) >= bytes;
    }

    void give(int bytes) {
        left.addAndGet(bytes);
    }
}
