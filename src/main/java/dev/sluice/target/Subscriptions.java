package dev.sluice.target;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Finds who may want an event without looking at everyone: each wish is filed under what its pattern begins with, up to the
 * first {@code *}, and only what is filed under a beginning of the event's type is looked at. Safe to read while it is changed.
 */
final class Subscriptions {
    /** By length, then by beginning: a type is looked up once for each length that occurs. */
    private final Map<Integer, Map<String, Set<String>>> patterns = new ConcurrentSkipListMap<>();

    private final Map<String, Set<String>> exact = new ConcurrentHashMap<>();

    void add(String name, Collection<Glob> wishes) {
        for (Glob wish : wishes) {
            file(wish)
                    .computeIfAbsent(wish.beginning(), beginning -> ConcurrentHashMap.newKeySet())
                    .add(name);
        }
    }

    /** Takes away what was wished for, but for what is still filed in the same place. */
    void remove(String name, Collection<Glob> wishes, Collection<Glob> kept) {
        for (Glob wish : wishes) {
            if (kept.stream().noneMatch(wish::isFiledWith)) {
                file(wish).computeIfPresent(wish.beginning(), (beginning, names) -> {
                    names.remove(name);
                    return names.isEmpty() ? null : names;
                });
            }
        }
    }

    /** The names of all that want an event of this type, and of some that only want one with the same beginning. */
    Set<String> candidates(String type) {
        Set<String> found = new LinkedHashSet<>(exact.getOrDefault(type, Set.of()));
        for (Map.Entry<Integer, Map<String, Set<String>>> ofLength : patterns.entrySet()) {
            if (ofLength.getKey() > type.length()) {
                break;
            }
            found.addAll(ofLength.getValue().getOrDefault(type.substring(0, ofLength.getKey()), Set.of()));
        }
        return found;
    }

    private Map<String, Set<String>> file(Glob wish) {
        return wish.isExact()
                ? exact
                : patterns.computeIfAbsent(wish.beginning().length(), length -> new ConcurrentHashMap<>());
    }
}
