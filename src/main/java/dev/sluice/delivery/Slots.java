package dev.sluice.delivery;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many lanes of one target this gateway may work on at once. Most of them are for lanes that are claimed; of many some are
 * left to newcomers, which are events that were only just accepted and whose lane was idle: behind all that waits for the target
 * such an event would wait for all of it. A registered webhook has its slots out of those that all of them share, see
 * {@link SharedSlots}. From any thread.
 */
final class Slots {
    /** One slot of so many. */
    private static final int LEFT_TO_NEWCOMERS = 8;

    private final int most;
    private final @Nullable SharedSlots shared;
    private final Runnable turn;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger newcomers = new AtomicInteger();

    /** Makes them.
     *
     * @param shared what they come out of; null for slots of its own
     * @param turn told, on any thread, when what was waited for is there: {@link #takeTurn} or {@link #passTurn} then
     */
    Slots(int most, @Nullable SharedSlots shared, Runnable turn) {
        this.most = most;
        this.shared = shared;
        this.turn = turn;
    }

    /** How many more may be taken for lanes that are claimed. */
    int leftToClaim() {
        return Math.max(0, most - leftToNewcomers() - (taken.get() - newcomers.get()));
    }

    /** Takes one for a newcomer: while lanes wait to be claimed, only of those that are left to newcomers. */
    boolean takeForNewcomer(boolean lanesWait) {
        int bound = lanesWait ? leftToNewcomers() : most;
        if (newcomers.getAndUpdate(now -> now < bound ? now + 1 : now) >= bound) {
            return false;
        }
        boolean taken = take(1) == 1;
        if (!taken) {
            newcomers.decrementAndGet();
        }
        return taken;
    }

    /** Gives back what was taken for a newcomer. */
    void giveNewcomer() {
        newcomers.decrementAndGet();
        give(1);
    }

    /** Takes up to so many, and answers how many. */
    int take(int wanted) {
        return take(wanted, false);
    }

    /** Takes up to so many; when there is none of the shared ones, its turn comes. */
    int takeOrWait(int wanted) {
        return take(wanted, true);
    }

    /** Takes the one whose turn it is; false when the target has all that it may have. */
    boolean takeTurn() {
        if (taken.getAndUpdate(now -> Math.min(now + 1, most)) < most) {
            return true;
        }
        passTurn();
        return false;
    }

    /** Leaves the one whose turn it is to others. */
    void passTurn() {
        if (shared != null) {
            shared.give(1);
        }
    }

    void give(int slots) {
        taken.addAndGet(-slots);
        if (shared != null && slots > 0) {
            shared.give(slots);
        }
    }

    int taken() {
        return taken.get();
    }

    /** Whether others wait for one. */
    boolean areWanted() {
        return shared != null && shared.areWanted();
    }

    void turn() {
        turn.run();
    }

    private int leftToNewcomers() {
        return most / LEFT_TO_NEWCOMERS;
    }

    private int take(int wanted, boolean waits) {
        int had = taken.getAndUpdate(now -> now + Math.min(wanted, most - now));
        int own = Math.min(wanted, most - had);
        if (shared == null || own == 0) {
            return own;
        }
        int got = shared.take(this, had, own, waits);
        taken.addAndGet(got - own);
        return got;
    }
}
