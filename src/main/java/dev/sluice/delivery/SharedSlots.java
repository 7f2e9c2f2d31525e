package dev.sluice.delivery;

import dev.sluice.target.WebhookSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The slots that all registered webhooks share. There may be any number of webhooks, and without a bound on all of them an event
 * that each one wants would have all claim and send at once, and keep everybody else from Redis.
 *
 * <p>Half of them each webhook may have only one of, so that a few that hang, with however many lanes, do not keep the others
 * waiting; of the other half none gets more than it leaves free. Who finds none waits, and gets one in turn.
 *
 * <p>Event loops meet at its lock, which is held for some additions and never over a call.
 */
@ApplicationScoped
class SharedSlots {
    private final Set<Slots> waiting = new LinkedHashSet<>();
    private final int singles;
    private int free;

    SharedSlots(WebhookSettings settings) {
        this.free = settings.concurrency();
        this.singles = free / 2;
    }

    /** Takes up to so many, and answers how many; notes the taker down for a turn when it waits.
     *
     * @param had how many it has already
     */
    synchronized int take(Slots taker, int had, int wanted, boolean waits) {
        int fair = Math.max(0, Math.min(wanted, (free - singles - had + 1) / 2));
        if (fair == 0 && had == 0 && free > 0) {
            fair = 1;
        }
        free -= fair;
        if (fair == 0 && waits) {
            waiting.add(taker);
        }
        return fair;
    }

    void give(int slots) {
        // Told outside of the lock: whoever is told may come back at once.
        release(slots).forEach(Slots::turn);
    }

    synchronized boolean areWanted() {
        return !waiting.isEmpty();
    }

    private synchronized List<Slots> release(int slots) {
        free += slots;
        List<Slots> turns = new ArrayList<>();
        Iterator<Slots> next = waiting.iterator();
        while (free > 0 && next.hasNext()) {
            Slots waiter = next.next();
            int has = waiter.taken();
            if (has == 0 || has < free - singles) {
                next.remove();
                turns.add(waiter);
                free--;
            }
        }
        return turns;
    }
}
