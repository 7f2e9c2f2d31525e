package dev.sluice.delivery;

import dev.sluice.delivery.Backlog.Room;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The places that one event takes in the backlogs of its targets while it is accepted. */
final class Places {
    private final int size;
    private final List<Backlog> taken = new ArrayList<>();
    private final Set<String> full = new HashSet<>();

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
            Room room = backlog.enter(size);
            if (room == Room.UNKNOWN) {
                int here = i;
                return backlog.count().chain(() -> take(backlogs, here));
            }
            if (room == Room.FREE) {
                taken.add(backlog);
            } else {
                full.add(backlog.target());
            }
        }
        return Uni.createFrom().voidItem();
    }

    /** Takes one in each, where it is not known to be full: so many are not waited for. */
    void takeUncounted(List<Backlog> backlogs) {
        for (Backlog backlog : backlogs) {
            switch (backlog.enter(size)) {
                case FREE -> taken.add(backlog);
                case FULL -> full.add(backlog.target());
                case UNKNOWN -> {
                    backlog.enterUncounted(size);
                    taken.add(backlog);
                }
            }
        }
    }

    boolean isFull(String target) {
        return full.contains(target);
    }

    /** The event is where it can be counted, or does not come. */
    void giveUp() {
        taken.forEach(backlog -> backlog.entered(size));
    }
}
