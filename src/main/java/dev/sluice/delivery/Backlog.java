package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Census;
import dev.sluice.lane.Census.Stock;
import dev.sluice.lane.Relief;
import dev.sluice.reactive.SharedResult;
import dev.sluice.target.Target;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Whether more may wait for a target, and more be set aside for it. What this gateway lets in and sends out it counts by itself, up
 * to its share of what there was room for; then it asks Redis how much there is. From any thread.
 */
final class Backlog {
    private static final Logger LOG = Logger.getLogger(Backlog.class);

    /** That long what was counted tells that it is full; longer each time it is still so. */
    private static final Duration FRESH_FOR = Duration.ofMillis(250);

    private static final Duration LONGEST_FRESH = Duration.ofSeconds(4);

    /** What is stored of an event besides its body, about. */
    private static final int ENVELOPE = 150;

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

    /** How long what was counted is to be believed. */
    private static final class Age {
        private Duration length = FRESH_FOR;
        private long end = System.nanoTime();

        /** It was counted, with the same result as before or not. */
        void renew(boolean same) {
            Duration longer = length.multipliedBy(2);
            length = !same ? FRESH_FOR : longer.compareTo(LONGEST_FRESH) < 0 ? longer : LONGEST_FRESH;
            end = System.nanoTime() + length.toNanos();
        }

        /** Something has changed since. */
        void shorten() {
            length = FRESH_FOR;
            end = Math.min(end, System.nanoTime() + FRESH_FOR.toNanos());
        }

        boolean isFresh() {
            return end - System.nanoTime() > 0;
        }

        /** Whether it is to be counted again now, so that nobody waits for that. */
        boolean isAgeing() {
            return end - System.nanoTime() < length.toNanos() / 2;
        }
    }

    private final String target;
    private final Policy.Bounds bounds;
    private final Census census;
    private final Pods pods;
    private final Runnable onFull;

    /** That much more this gateway lets in before it asks; negative where there is too much. */
    private long events;

    private long bytes;

    /** That much more it sets aside before it asks. */
    private long deadLetters;

    private long deadLetterBytes = Long.MAX_VALUE;

    /** What was let in and is not yet known to be where a count sees it. */
    private int underway;

    private long underwayBytes;

    /** What a count that is being made may miss. */
    private int unseen;

    private long unseenBytes;

    /** How many gateways share the room. */
    private int among;

    /** Whether it has to be known that there is room before one more is let in. */
    private boolean exact;

    private boolean nearlyFull;

    /** Whether {@link #events} and {@link #bytes} say anything. */
    private boolean known;

    private boolean full;
    private boolean tooLargeDead;
    private boolean enoughDead;
    private long tooManyDead;
    private long tooManyDeadBytes;

    /** That it is full tells nothing until it has not been: who comes while it drains must not have it disabled again. */
    private boolean excused = true;

    private final Age age = new Age();
    private final Age deadAge = new Age();
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
        this.among = pods.present();
        this.exact = !Target.isRegistered(target);
        this.deadLetters = Math.min(UNASKED, bounds.deadLetters().events());
        if (!exact) {
            // An event may be wanted by thousands: they are not to be counted all at once when that many have come.
            this.known = true;
            this.events = ThreadLocalRandom.current()
                    .nextLong(1 + Math.min(UNASKED, bounds.backlog().events() / 2));
            this.bytes = share(bounds.backlog().bytes());
        }
    }

    String target() {
        return target;
    }

    /** Takes a place for one more event, where there is one: then {@link #entered} is due once Redis has it, or not. */
    synchronized Room enter(int body) {
        int size = body + ENVELOPE;
        shareWithMore();
        if (known && events > 0 && bytes > 0) {
            take(size);
            return Room.FREE;
        }
        if (full && age.isFresh()) {
            refresh(age);
            return Room.FULL;
        }
        if (exact) {
            return Room.UNKNOWN;
        }
        enterUncounted(body);
        return Room.FREE;
    }

    /** Takes a place though it is not known whether there is one. */
    synchronized void enterUncounted(int body) {
        take(body + ENVELOPE);
        countInTheBackground();
    }

    private void take(int size) {
        events--;
        bytes -= size;
        underway++;
        underwayBytes += size;
        unseen++;
        unseenBytes += size;
    }

    /** An event that took a place is where a count sees it, or does not come. */
    synchronized void entered(int body) {
        underway--;
        underwayBytes -= body + ENVELOPE;
    }

    /** An event that waited does so no longer, which makes room for another one. */
    synchronized void left(int body) {
        int size = body + ENVELOPE;
        events = Math.min(events + 1, share(bounds.backlog().events()));
        bytes = Math.min(bytes + size, share(bounds.backlog().bytes()));
        if (full) {
            // Other gateways may get rid of some as well.
            age.shorten();
        }
        nearlyFull &= events <= share(bounds.backlog().events()) / 2;
    }

    /** The target may be sent to again: that it is still full tells nothing until it has not been. */
    synchronized void excuse() {
        excused = true;
        // So that it is counted before it fills again.
        known = false;
        full = false;
        exact = true;
    }

    /** One more event is set aside: what goes for it. */
    synchronized Relief bury(int body) {
        int size = body + ENVELOPE;
        deadLetters--;
        deadLetterBytes -= size;
        if (enoughDead || tooLargeDead) {
            refresh(deadAge);
            // Twice as much where there is too much by now, as when the bound was lowered.
            int letters = enoughDead ? tooManyDead > 0 ? 2 : 1 : 0;
            int sizes = tooLargeDead ? tooManyDeadBytes > 0 ? 2 : 1 : 0;
            tooManyDead--;
            tooManyDeadBytes -= size;
            return new Relief(letters, sizes);
        }
        if (deadLetters <= 0 || deadLetterBytes <= 0) {
            countInTheBackground();
        }
        return Relief.NONE;
    }

    /** Whether it was more than half full when it was counted last. */
    synchronized boolean isNearlyFull() {
        return nearlyFull;
    }

    /** Asks how much there is; whether there is room is known then. Once for all who ask at the same time. */
    synchronized Uni<Stock> count() {
        return counting == null ? count(census.stock(target)) : counting;
    }

    /** As long as events come it is counted again before what is known has aged, so that none of them waits for that. */
    private void refresh(Age known) {
        if (known.isAgeing()) {
            countInTheBackground();
        }
    }

    private void countInTheBackground() {
        if (counting == null) {
            Optional<Uni<Stock>> stock =
                    Target.isRegistered(target) ? census.stockInTurn(target) : Optional.of(census.stock(target));
            stock.ifPresent(counts -> count(counts)
                    .subscribe()
                    .with(
                            counted -> {},
                            failure -> LOG.debugf("not known what waits for %s: %s", target, failure.getMessage())));
        }
    }

    private Uni<Stock> count(Uni<Stock> stock) {
        unseen = underway;
        unseenBytes = underwayBytes;
        Uni<Stock> counts =
                SharedResult.of(stock.invoke(this::counted).onTermination().invoke(this::hasCounted));
        counting = counts;
        return counts;
    }

    private synchronized void hasCounted() {
        counting = null;
    }

    private synchronized void counted(Stock stock) {
        Policy.Bound backlog = bounds.backlog();
        boolean before = full;
        among = pods.present();
        known = true;
        full = stock.events() >= backlog.events() || stock.bytes() >= backlog.bytes();
        nearlyFull = stock.events() > backlog.events() / 2 || stock.bytes() > backlog.bytes() / 2;
        exact = nearlyFull || !Target.isRegistered(target);
        // What was under way while it was counted may have been missed. It is not full for that: it is counted again.
        events = share(backlog.events() - stock.events() - unseen);
        bytes = share(backlog.bytes() - stock.bytes() - unseenBytes);
        Policy.Bound dead = bounds.deadLetters();
        deadLetters = share(dead.events() - stock.deadLetters());
        deadLetterBytes = share(dead.bytes() - stock.deadLetterBytes());
        boolean sameOfDead = enoughDead || tooLargeDead;
        enoughDead = stock.deadLetters() >= dead.events();
        tooLargeDead = stock.deadLetterBytes() >= dead.bytes();
        deadAge.renew(sameOfDead && (enoughDead || tooLargeDead));
        // Each gateway sees to its part of what is too much.
        tooManyDead = (stock.deadLetters() - dead.events()) / among;
        tooManyDeadBytes = (stock.deadLetterBytes() - dead.bytes()) / among;
        age.renew(before && full);
        if (!full) {
            excused = false;
            return;
        }
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
    }

    /** What there was room for when there were fewer gateways is shared with the new ones. */
    private void shareWithMore() {
        int present = pods.present();
        if (present > among) {
            events = Math.min(events, events * parts(among) / parts(present));
            bytes = Math.min(bytes, bytes / parts(present) * parts(among));
        }
        among = present;
    }

    /** One alone may use all the room there is. Of several each asks again after a part of it, as the others have used some meanwhile. */
    private long share(long room) {
        return room <= 0 ? room : Math.max(1, room / parts(among));
    }

    private static long parts(int gateways) {
        return gateways == 1 ? 1 : (long) PARTS_A_GATEWAY * gateways;
    }
}
