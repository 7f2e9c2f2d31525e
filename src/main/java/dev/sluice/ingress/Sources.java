package dev.sluice.ingress;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All sources, by name. */
public record Sources(Map<String, Source> byName) {

    /** The source of that name, or null when there is none. */
    public @Nullable Source named(String name) {
        return byName.get(name);
    }
}
