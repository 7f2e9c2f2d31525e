package dev.sluice.target;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * At which places of the bodies of each source the filters of all targets look. Many look at the same few: only when somebody is
 * the first to look at a place, or the last, are the sets made anew. Safe to read while it is changed.
 */
final class Lookouts {
    private final Map<Lookout, Integer> lookers = new ConcurrentHashMap<>();
    private volatile Map<String, Set<String>> bySource = new ConcurrentHashMap<>();

    /** A place in the bodies of some sources; of all where none is named. */
    private record Lookout(Set<String> sources, String pointer) {
        boolean isOf(String source) {
            return sources.isEmpty() || sources.contains(source);
        }
    }

    /** The places in the bodies of a source; the same set as long as they are the same. */
    Set<String> of(String source) {
        return bySource.computeIfAbsent(source, this::gathered);
    }

    /** A target's filters look from now on. */
    void add(Target target) {
        change(target, 1);
    }

    /** A target's filters look no more. */
    void remove(Target target) {
        change(target, -1);
    }

    private void change(Target target, int by) {
        boolean changed = false;
        for (String pointer : target.filters().pointers()) {
            Integer now = lookers.merge(
                    new Lookout(target.sources(), pointer),
                    by,
                    (before, more) -> before + more == 0 ? null : before + more);
            changed |= now == null || (by > 0 && now == by);
        }
        if (changed) {
            bySource = new ConcurrentHashMap<>();
        }
    }

    private Set<String> gathered(String source) {
        return lookers.keySet().stream()
                .filter(lookout -> lookout.isOf(source))
                .map(Lookout::pointer)
                .collect(Collectors.toUnmodifiableSet());
    }
}
