package dev.sluice.target;

import dev.sluice.event.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The filters of a target: all of them must hold of an event's body. */
public final class Filters {
    /** Demands nothing. */
    public static final Filters NONE = new Filters(List.of());

    private final Map<String, List<Condition>> byPointer = new HashMap<>();

    public Filters(List<Filter> filters) {
        for (Filter filter : filters) {
            filter.conditions()
                    .forEach(condition -> byPointer
                            .computeIfAbsent(filter.pointer(), pointer -> new ArrayList<>())
                            .add(condition));
        }
    }

    /** Where they look. */
    Set<String> pointers() {
        return byPointer.keySet();
    }

    /** Whether all of them hold. Of a body that is not JSON none does. */
    boolean hold(Findings body) {
        return byPointer.isEmpty()
                || body.at(byPointer.keySet())
                        .filter(found -> byPointer.entrySet().stream()
                                .allMatch(each -> each.getValue().stream()
                                        .allMatch(condition -> condition.holds(found.get(each.getKey())))))
                        .isPresent();
    }
}
