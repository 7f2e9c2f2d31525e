package dev.sluice.webhook;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The faults found in one event. All of them are told at once, so that mending takes one round. */
final class FoundFaults {
    /** Nobody mends more in one round; a body of nothing but unknown members would be answered with twenty times its size. */
    static final int MOST = 50;

    private final Set<Fault> found = new LinkedHashSet<>();
    private boolean more;

    /** Notes one, once. */
    void add(Fault fault) {
        if (found.size() < MOST) {
            found.add(fault);
        } else {
            more |= !found.contains(fault);
        }
    }

    boolean none() {
        return found.isEmpty();
    }

    List<Fault> list() {
        List<Fault> list = new ArrayList<>(found);
        if (more) {
            list.add(Fault.ofAll("it has more faults than these", "mend these first"));
        }
        return List.copyOf(list);
    }
}
