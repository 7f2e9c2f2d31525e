package dev.sluice.target;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All targets, by name: those from configuration, and the registered webhooks that this gateway has heard of. */
public final class Targets {
    private static final Set<Glob> EVERYTHING = Set.of(new Glob("*"));

    private final List<Target> configured;
    private final Map<String, Target> byName = new ConcurrentHashMap<>();
    private final Subscriptions subscriptions = new Subscriptions();

    public Targets(Collection<Target> configured) {
        this.configured = List.copyOf(configured);
        this.configured.forEach(this::put);
    }

    /** The targets that want an event of this source and type. */
    public List<Target> wanting(String source, String type) {
        List<Target> wanting = new ArrayList<>();
        for (String name : subscriptions.candidates(type)) {
            Target target = byName.get(name);
            if (target != null && target.wants(source, type)) {
                wanting.add(target);
            }
        }
        return wanting;
    }

    /** The target of that name, or null when it is (no longer) there. */
    public @Nullable Target named(String name) {
        return byName.get(name);
    }

    /** Those from configuration. */
    public List<Target> configured() {
        return configured;
    }

    /** Adds a registered webhook, or replaces what it was. Only ever called by one thread at a time. */
    void put(Target target) {
        // In this order, so that an event that comes meanwhile finds it by the old wishes or by the new ones.
        subscriptions.add(target.name(), wishes(target));
        Target before = byName.put(target.name(), target);
        if (before != null) {
            subscriptions.remove(target.name(), wishes(before), wishes(target));
        }
    }

    /** Takes a registered webhook away. */
    void remove(String name) {
        Target before = byName.remove(name);
        if (before != null) {
            subscriptions.remove(name, wishes(before), Set.of());
        }
    }

    private static Set<Glob> wishes(Target target) {
        return target.events().isEmpty() ? EVERYTHING : Set.copyOf(target.events());
    }
}
