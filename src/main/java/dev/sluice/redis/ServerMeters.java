package dev.sluice.redis;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/** What metrics tell of the servers: what the last look found, and nothing of them when it found none that can be used. */
final class ServerMeters {
    private final MultiGauge memory;
    private final MultiGauge memoryLimit;
    private volatile boolean up;

    ServerMeters(MeterRegistry meters) {
        Gauge.builder("sluice.redis.up", () -> up ? 1 : 0)
                .description("1 while Redis is there and can keep what is promised, as this gateway saw last; else 0")
                .register(meters);
        memory = MultiGauge.builder("sluice.redis.memory.bytes")
                .description("What a node of Redis uses of its memory")
                .register(meters);
        memoryLimit = MultiGauge.builder("sluice.redis.memory.limit.bytes")
                .description("How much of its memory a node of Redis may use; none where it has no limit")
                .register(meters);
    }

    /** These can be used, by the names of their nodes. */
    void found(Map<String, Server> servers) {
        publish(true, servers);
    }

    void foundNone() {
        publish(false, Map.of());
    }

    private void publish(boolean isUp, Map<String, Server> servers) {
        up = isUp;
        publish(memory, servers, Server::usedMemory);
        publish(memoryLimit, servers, Server::maxMemory);
    }

    private static void publish(MultiGauge gauge, Map<String, Server> servers, Function<Server, OptionalLong> figure) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        servers.forEach((node, server) ->
                figure.apply(server).ifPresent(bytes -> rows.add(MultiGauge.Row.of(Tags.of("node", node), bytes))));
        gauge.register(rows, true);
    }
}
