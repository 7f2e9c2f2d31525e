package dev.sluice.config;

import dev.sluice.redis.Durability;
import java.util.Map;

/** How safe Redis must have an event before its sender is answered 2xx, out of the properties of its source. */
final class DurabilitySettings {
    private static final int REPLICAS = 1;
    private static final int MOST_REPLICAS = 10;

    /** What there is to choose from. */
    private enum Level {
        MEMORY,
        FSYNC,
        REPLICATED
    }

    private DurabilitySettings() {}

    static Durability read(SluiceProperties.Durability properties, Values values) {
        Level level = values.choice(
                "durability",
                properties.level(),
                Level.MEMORY,
                Map.of("memory", Level.MEMORY, "fsync", Level.FSYNC, "replicated", Level.REPLICATED));
        int replicas = values.integer("durability.replicas", properties.replicas(), REPLICAS, 1, MOST_REPLICAS);
        if (level != Level.REPLICATED && properties.replicas().isPresent()) {
            values.fault(
                    "durability.replicas", "nothing waits for replicas", "remove it, or set durability=replicated");
        }
        return switch (level) {
            case MEMORY -> new Durability.Memory();
            case FSYNC -> new Durability.Fsync();
            case REPLICATED -> new Durability.Replicated(replicas);
        };
    }
}
