package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Census;
import dev.sluice.lane.Census.Stock;
import dev.sluice.target.Target;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Whether more may wait for a target, and more be set aside for it. What this gateway lets in it counts by itself, up to its share
 * of what there was room for; then it asks Redis how much there is. From any thread.
 */
final class Backlog {
    private static final Logger LOG = Logger.getLogger(Backlog.class);

    /** That long what was counted tells that it is full. */
    private static final Duration FRESH_FOR = Duration.ofMillis(250);

    /** So many events wait for a registered webhook, and are set aside for any target, before Redis is asked: that is 64 calls or so. */
    private static final long UNASKED = 100;

    private static final int PARTS_A_GATEWAY = 4;

    /** What is known of it. */
    enum Room {
        /** One more may wait. */
        FREE,
        /** No more may. */
        FULL,
        /** It has to be counted first. */
        UNKNOWN
    }

    private final String target;
    private final Policy.Bounds bounds;
    private final Census census;
    private final Pods pods;
    private final Runnable onFull;
    private long events;
    private long bytes = Long.MAX_VALUE;
    private long deadLetters = UNASKED;
    private long deadLetterBytes = Long.MAX_VALUE;
    private int underway;
    private long underwayBytes;
    private int unseen;
    private long unseenBytes;
    private int among;
    private boolean full;
    private boolean tooManyDead;
    private boolean excused;
    private long freshUntil = System.nanoTime();
    private @Nullable Uni<Stock> counting;

    /**
     * Makes one of which nothing is known.
     *
     * @param onFull told, on any thread and maybe again, that no more may wait
     */
    Backlog(String target, Policy.Bounds bounds, Census census, Pods pods, Runnable onFull) {
        this.target = target;
        this.bounds = bounds;
        this.census = census;
        this.pods = pods;
        this.onFull = onFull;
        this.events =
                Target.isRegistered(target) ? Math.min(UNASKED, bounds.backlog().events()) : 0;
    }

    /** Takes room for one more event, where there is some: then {@link #entered} is due once Redis has it, or not. */
    synchronized Room enter(int size) {
        // What there was room for when there were other gateways says nothing of now.
        if (among == pods.present() && events > 0 && bytes > 0) {
            events--;
            bytes -= size;
            underway++;
            underwayBytes += size;
            unseen++;
            unseenBytes += size;
            return Room.FREE;
        }
        if (full && freshUntil - System.nanoTime() > 0) {
            refresh();
            return Room.FULL;
        }
        return Room.UNKNOWN;
    }

    /** An event that there was room for is where a count sees it, or does not come. */
    synchronized void entered(int size) {
        underway--;
        underwayBytes -= size;
    }

    /** The target may be sent to again: that it is still full tells nothing until it has not been. */
    synchronized void excuse() {
        excused = true;
        // So that it is counted before it fills again.
        events = 0;
        full = false;
    }

    /** One more event is set aside: how many of the oldest go for it. */
    synchronized int bury(int size) {
        deadLetters--;
        deadLetterBytes -= size;
        if (deadLetters >= 0 && deadLetterBytes >= 0) {
            return 0;
        }
        refresh();
        // Two where there are too many by now, as when the bound was lowered.
        return tooManyDead ? 2 : 1;
    }

    /** Asks how much there is; whether there is room is known then. Once for all who ask at the same time. */
    synchronized Uni<Stock> count() {
        if (counting == null) {
            unseen = underway;
            unseenBytes = underwayBytes;
            counting = census.stock(target)
                    .invoke(this::counted)
                    .onTermination()
                    .invoke(this::hasCounted)
                    .memoize()
                    .indefinitely();
        }
        return counting;
    }

    /** As long as events come it is counted again before what is known has aged, so that none of them waits for that. */
    private void refresh() {
        if (freshUntil - System.nanoTime() < FRESH_FOR.toNanos() / 2) {
            countInTheBackground();
        }
    }

    /** The same, for those who do not wait for it. */
    void countInTheBackground() {
        count().subscribe()
                .with(
                        stock -> {},
                        failure -> LOG.debugf("not known what waits for %s: %s", target, failure.getMessage()));
    }

    private synchronized void hasCounted() {
        counting = null;
    }

    private synchronized void counted(Stock stock) {
        Policy.Bound backlog = bounds.backlog();
        boolean before = full;
        among = pods.present();
        full = stock.events() >= backlog.events() || stock.bytes() >= backlog.bytes();
        // What was under way while it was counted may have been missed. It is not full for that: it is counted again.
        events = full ? 0 : share(backlog.events() - stock.events() - unseen);
        bytes = full ? 0 : share(backlog.bytes() - stock.bytes() - unseenBytes);
        Policy.Bound dead = bounds.deadLetters();
        deadLetters = share(dead.events() - stock.deadLetters());
        deadLetterBytes = share(dead.bytes() - stock.deadLetterBytes());
        tooManyDead = stock.deadLetters() > dead.events() || stock.deadLetterBytes() > dead.bytes();
        freshUntil = System.nanoTime() + FRESH_FOR.toNanos();
        if (full) {
            if (!before) {
                Story.tell(
                        LOG,
                        Level.WARN,
                        "backlog full",
                        "target",
                        target,
                        "events",
                        stock.events(),
                        "bytes",
                        stock.bytes());
            }
            if (!excused) {
                onFull.run();
            }
        } else {
            excused = false;
        }
    }

    /** One alone may use all the room there is. Of several each asks again after a part of it, as the others have used some meanwhile. */
    private long share(long room) {
        long parts = among == 1 ? 1 : (long) PARTS_A_GATEWAY * among;
        return room <= 0 ? 0 : Math.max(1, room / parts);
    }
}
