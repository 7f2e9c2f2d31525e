package dev.sluice.delivery;

import dev.sluice.delivery.Backlog.Room;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The places that one event takes in the backlogs of its targets while it is accepted: from one thread after another. */
final class Places {
    /** More than it takes where many come at once; a bound, whatever else goes wrong. */
    private static final int MOST_COUNTS = 100;

    private final int size;
    private final List<Backlog> taken = new ArrayList<>();
    private final Set<String> full = new HashSet<>();
    private int counts;

    /** @param size of the event, in bytes */
    Places(int size) {
        this.size = size;
    }

    /** Takes one in each that is not full; what has to be counted for that is counted. */
    Uni<Void> take(List<Backlog> backlogs) {
        // In one order for all events: else each of two might hold the last place that the other one waits for.
        return take(
                backlogs.stream().sorted(Comparator.comparing(Backlog::target)).toList(), 0);
    }

    private Uni<Void> take(List<Backlog> backlogs, int from) {
        for (int i = from; i < backlogs.size(); i++) {
            Backlog backlog = backlogs.get(i);
            if (enter(backlog) == Room.UNKNOWN) {
                if (counts < MOST_COUNTS) {
                    counts++;
                    int here = i;
                    return backlog.count().chain(() -> take(backlogs, here));
                }
                enterUncounted(backlog);
            }
        }
        return Uni.createFrom().voidItem();
    }

    private Room enter(Backlog backlog) {
        Room room = backlog.enter(size);
        if (room == Room.FREE) {
            taken.add(backlog);
        } else if (room == Room.FULL) {
            full.add(backlog.target());
        }
        return room;
    }

    private void enterUncounted(Backlog backlog) {
        backlog.enterUncounted(size);
        taken.add(backlog);
    }

    /** Takes one in each, where it is not known to be full: so many are not waited for. */
    void takeUncounted(List<Backlog> backlogs) {
        for (Backlog backlog : backlogs) {
            if (enter(backlog) == Room.UNKNOWN) {
                enterUncounted(backlog);
            }
        }
    }

    boolean isFull(String target) {
        return full.contains(target);
    }

    /** The event is where it can be counted, or does not come. */
    void giveUp() {
        taken.forEach(backlog -> backlog.entered(size));
        taken.clear();
    }
}
