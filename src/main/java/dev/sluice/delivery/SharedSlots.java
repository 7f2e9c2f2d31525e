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
 * <p>None gets more than it leaves free: that many that are slow share the slots evenly, and leave as many to one that has
 * none. Who finds none free waits, and gets one in turn.
 */
@ApplicationScoped
class SharedSlots {
    private final Set<Slots> waiting = new LinkedHashSet<>();
    private int free;

    SharedSlots(WebhookSettings settings) {
        this.free = settings.concurrency();
    }

    /** Takes up to so many beyond those that {@code taker} has, and answers how many; notes it down for a turn when it waits. */
    synchronized int take(Slots taker, int wanted, boolean waits) {
        int had = taker.taken() - wanted;
        int fair = Math.max(0, Math.min(wanted, (free - had + 1) / 2));
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
            if (waiter.taken() < free) {
                next.remove();
                turns.add(waiter);
                free--;
            }
        }
        return turns;
    }
}
