package dev.sluice.bench;

import dev.sluice.bench.Load.Shape;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.RedisInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What Redis needs its memory for, in bytes.
 *
 * @param queued for an event of 1 KB that waits for its target, all that belongs to it
 * @param dedup to recognise one event that is delivered
 */
record Sizes(double queued, double dedup) {
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final int CONNECTIONS = 64;

    static Sizes measure(Path directory, Load load) throws Exception {
        Map<String, String> settings = new HashMap<>(Stand.SETTINGS);
        settings.putAll(Stand.source("waiting"));
        settings.putAll(Stand.source("gone"));
        settings.put("sluice.sources.gone.ordering", "source");
        settings.remove("sluice.sources.gone.ordering-key");
        // Where nobody listens.
        settings.put("sluice.targets.down.url", "http://127.0.0.1:" + EmbeddedRedis.freePort() + "/");
        settings.put("sluice.targets.down.sources", "waiting");
        try (Stand stand = Stand.gateways(directory.resolve("sizes"), 1, settings)) {
            double dedup = measure(stand, load, "gone", 1);
            return new Sizes(measure(stand, load, "waiting", 1_000), dedup);
        }
    }

    private static double measure(Stand stand, Load load, String source, int entities) throws IOException {
        long before = used(stand);
        load.closed(stand.in(source), new Shape(1_024, entities, 0, 0), CONNECTIONS, TIME);
        return (double) (used(stand) - before) / stand.accepted(source);
    }

    private static long used(Stand stand) throws IOException {
        return RedisInfo.figure(stand.redis(), "memory", "used_memory");
    }
}
