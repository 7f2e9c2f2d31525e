package dev.sluice.target;

import dev.sluice.event.Findings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All targets, by name: those from configuration, and the registered webhooks that this gateway has heard of. */
public final class Targets {
    private static final Set<Glob> EVERYTHING = Set.of(new Glob("*"));

    private final List<Target> configured;
    private final Map<String, Target> byName = new ConcurrentHashMap<>();
    private final Subscriptions subscriptions = new Subscriptions();
    private final Lookouts lookouts = new Lookouts();

    public Targets(Collection<Target> configured) {
        this.configured = List.copyOf(configured);
        this.configured.forEach(this::put);
    }

    /**
     * JSON Pointers to all that the targets' filters want to know of the bodies of a source; the same set as long as they are the
     * same.
     */
    public Set<String> lookedAt(String source) {
        return lookouts.of(source);
    }

    /** The targets that want an event of this source and type, with that in its body. */
    public List<Target> wanting(String source, String type, Findings body) {
        List<Target> wanting = new ArrayList<>();
        for (String name : subscriptions.candidates(type)) {
            Target target = byName.get(name);
            if (target != null && target.wants(source, type, body)) {
                wanting.add(target);
            }
        }
        return wanting;
    }

    /** The target of that name, or null when it is (no longer) there. */
    public @Nullable Target named(String name) {
        return byName.get(name);
    }

    /**
     * Whether there is a target of that name, or may have been: one that is unsubscribed may still have left something. Or whether it
     * stands for all registered webhooks.
     */
    public boolean mayBe(String name) {
        return byName.containsKey(name) || Target.isRegistered(name) || name.equals(Target.ALL_REGISTERED);
    }

    /** The names of those from configuration, and what stands for all registered webhooks. */
    public List<String> all() {
        return Stream.concat(configured.stream().map(Target::name).sorted(), Stream.of(Target.ALL_REGISTERED))
                .toList();
    }

    /** Those from configuration. */
    public List<Target> configured() {
        return configured;
    }

    /** Adds a registered webhook, or replaces what it was. Only ever called by one thread at a time. */
    void put(Target target) {
        lookouts.add(target);
        // In this order, so that an event that comes meanwhile finds it by the old wishes or by the new ones.
        subscriptions.add(target.name(), wishes(target));
        Target before = byName.put(target.name(), target);
        if (before != null) {
            subscriptions.remove(target.name(), wishes(before), wishes(target));
            lookouts.remove(before);
        }
    }

    /** Takes a registered webhook away. */
    void remove(String name) {
        Target before = byName.remove(name);
        if (before != null) {
            subscriptions.remove(name, wishes(before), Set.of());
            lookouts.remove(before);
        }
    }

    private static Set<Glob> wishes(Target target) {
        return target.events().isEmpty() ? EVERYTHING : Set.copyOf(target.events());
    }
}
