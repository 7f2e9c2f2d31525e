package dev.sluice.target;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All targets, by name. */
public final class Targets {
    private final Map<String, Target> byName;

    public Targets(Collection<Target> targets) {
        byName = targets.stream().collect(Collectors.toUnmodifiableMap(Target::name, Function.identity()));
    }

    /** The targets that want an event of this source and type. */
    public List<Target> wanting(String source, String type) {
        return byName.values().stream()
                .filter(target -> target.wants(source, type))
                .toList();
    }

    /** The target of that name, or null when it is (no longer) there. */
    public @Nullable Target named(String name) {
        return byName.get(name);
    }

    public Collection<Target> all() {
        return byName.values();
    }
}
