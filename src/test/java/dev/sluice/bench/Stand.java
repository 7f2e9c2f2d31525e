package dev.sluice.bench;

import static java.util.stream.Collectors.joining;

import dev.sluice.Artifact;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Gateway;
import dev.sluice.system.RedisInfo;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is measured: a Redis and its gateways, each a process; or the floor, which has no Redis. */
final class Stand implements AutoCloseable {
    /** Of all gateways: what a blocked event loop is, is told. */
    static final Map<String, String> SETTINGS = Map.of("quarkus.vertx.max-event-loop-execute-time", "100ms");

    private static final List<String> FOR_EVENTS =
            List.of("accept", "spread", "claim", "head", "settle", "renew", "release", "hold");

    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<Long> programs = new ArrayList<>();
    private final List<Gateway> gateways = new ArrayList<>();
    private final List<Path> logs = new ArrayList<>();
    private final List<Allocations> allocations = new ArrayList<>();
    private final List<URI> floor = new ArrayList<>();
    private EmbeddedRedis redis;

    private Stand() {}

    /** The floor. */
    static Stand floor(Path directory, Program sink) {
        Stand stand = new Stand();
        Program floor = new Program(Floor.class, directory.resolve("floor.log"), EmbeddedRedis.freePort(), sink.port());
        stand.parts.add(floor);
        stand.floor.add(URI.create("http://127.0.0.1:" + floor.port() + "/"));
        stand.watch(floor.pid());
        return stand;
    }

    /** So many gateways on a Redis that is set up so. */
    static Stand gateways(Path directory, int gateways, Map<String, String> settings, String... redis) {
        Stand stand = new Stand();
        stand.redis = EmbeddedRedis.start(redisServer(), directory.resolve("redis"), EmbeddedRedis.freePort(), redis);
        stand.parts.add(stand.redis);
        IntStream.range(0, gateways).forEach(number -> {
            Path own = directory.resolve("gateway-" + number);
            Gateway gateway = Gateway.asShipped(own, stand.redis.uri(), settings);
            stand.logs.add(own.resolve("gateway.log"));
            stand.parts.add(gateway);
            stand.gateways.add(gateway);
            stand.watch(gateway.pid());
        });
        return stand;
    }

    /** What a gateway is configured with for a source whose events are in order by entity. */
    static Map<String, String> source(String name) {
        String section = "sluice.sources." + name + ".";
        return Map.of(
                section + "scheme",
                "optondemand",
                section + "secrets",
                Signed.SECRET,
                section + "ordering-key",
                "/data/orderId");
    }

    private void watch(long pid) {
        programs.add(pid);
        if (isFloor() || !Artifact.isNative()) {
            Allocations allocated = new Allocations(pid);
            allocations.add(allocated);
            parts.add(allocated);
        }
    }

    /** The redis-server of this machine, which is one as people run it, or else the one that the tests run on. */
    static String redisServer() {
        return Stream.of(
                        System.getProperty("bench.redis", System.getenv("PATH")).split(":"))
                .map(Path::of)
                .map(path -> Files.isDirectory(path) ? path.resolve("redis-server") : path)
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseGet(EmbeddedRedis::usual);
    }

    /** How long Redis has run scripts. */
    double scriptSeconds() throws IOException {
        return RedisInfo.of(redis, "commandstats")
                        .lines()
                        .filter(line -> line.startsWith("cmdstat_evalsha:"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("^.*,usec=(\\d+),.*$", "$1")))
                        .sum()
                / 1e6;
    }

    /** Calls of scripts for events: what gateways ask now and then, however many events there are, is none of theirs. */
    private double scripts() {
        return metric(
                "sluice_redis_seconds_count",
                line -> FOR_EVENTS.stream().anyMatch(script -> line.contains("script=\"" + script + "\"")));
    }

    /** Where events of a source are taken. */
    List<URI> in(String source) {
        return isFloor()
                ? floor
                : gateways.stream().map(gateway -> gateway.in(source)).toList();
    }

    EmbeddedRedis redis() {
        return redis;
    }

    /** How many gateways it has, or floors. */
    int programs() {
        return programs.size();
    }

    boolean isFloor() {
        return redis == null;
    }

    /** How many events of a source were taken so far; the floor does not count. */
    long accepted(String source) {
        return (long) metric("sluice_events_total", "result=\"accepted\"", "source=\"" + source + "\"");
    }

    /** The sum of a metric over all gateways, and over all that stand under its name with these tags. */
    double metric(String name, String... tags) {
        return metric(name, line -> Stream.of(tags).allMatch(line::contains));
    }

    private double metric(String name, Predicate<String> which) {
        return gateways.stream()
                .flatMap(gateway -> gateway.metrics().lines())
                .filter(line -> line.startsWith(name + "{") && which.test(line))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What of its memory the largest of the processes has in use, in bytes. */
    long resident() {
        return programs.stream()
                .map(Stand::resident)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** The server that its events are in, and its version. */
    String server() throws IOException {
        return (RedisInfo.of(redis, "server") + RedisInfo.of(redis, "memory"))
                .lines()
                .filter(line -> line.startsWith("redis_version:") || line.startsWith("mem_allocator:"))
                .map(line -> line.substring(line.indexOf(':') + 1))
                .collect(joining(", "));
    }

    /** How often an event loop was found blocked. */
    long blocked() {
        return logs.stream().mapToLong(Stand::blocked).sum();
    }

    private static long blocked(Path log) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("has been blocked for")).count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What has been consumed so far. */
    Consumption consumed() {
        double allocated = allocations.stream().mapToLong(Allocations::bytes).sum();
        double cpu = programs.stream().mapToDouble(Stand::cpuMicros).sum();
        if (redis == null) {
            return new Consumption(cpu, 0, allocated, 0, 0, 0);
        }
        try {
            return new Consumption(
                    cpu,
                    cpuMicros(redis.pid()),
                    allocated,
                    scripts(),
                    RedisInfo.figure(redis, "stats", "total_commands_processed"),
                    RedisInfo.figure(redis, "stats", "total_net_input_bytes")
                            + RedisInfo.figure(redis, "stats", "total_net_output_bytes"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double cpuMicros(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .map(Duration::toNanos)
                        .orElseThrow()
                / 1e3;
    }

    private static long resident(long pid) {
        try (Stream<String> status = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws Exception {
        // Redis last: a gateway that ends hands back what it has.
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).close();
        }
        // Two lines an event: that is a gigabyte.
        for (Path log : logs) {
            Files.delete(log);
        }
    }
}
