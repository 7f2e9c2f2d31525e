package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.Load.Answered;
import dev.sluice.bench.Load.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The benchmark: {@code ./mvnw verify -Pbench}, in less than ten minutes, on a machine that does nothing else. All rows are measured in turn, round
 * by round, so that what the machine does besides meets all of them; what counts are the ratios between rows. Asserts only that everything was
 * answered and arrived: how fast that was is for people to read, in {@code target/bench}.
 */
@Tag("bench")
class BenchIT {
    private static final Path DIRECTORY = Path.of("target", "bench");
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 3);
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("bench.seconds", 2));

    /** One lane takes several times that until it has delivered what it was sent. */
    private static final Duration TIME_OF_ONE_LANE = TIME.dividedBy(4);

    /** For each gateway: until then a JVM is still compiling what it runs most, and the same load takes it twice the time. */
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int CONNECTIONS = 64;
    private static final int UNAVAILABLE = 503;
    private static final int CROWD = 10 * CONNECTIONS;
    private static final int ENTITIES = 10_000;
    private static final int KILOBYTE = 1_024;
    private static final String FAR = "far";
    private static final int FAN_OUT = 5;
    private static final Shape ORDERS = new Shape(KILOBYTE, ENTITIES, 0, 0);

    @Test
    void measure() throws Exception {
        removeWhatWasMeasuredBefore();
        try (Load load = new Load();
                Program sink = new Program(Sink.class, DIRECTORY.resolve("sink.log"));
                Stand floor = Stand.floor(DIRECTORY, sink);
                Stand one = stand("one", 1, sink);
                Stand two = stand("two", 2, sink);
                Stand three = stand("three", 3, sink);
                Stand large = stand("large", 1, sink);
                Stand fsync = stand("fsync", 1, sink, "--appendonly", "yes", "--appendfsync", "always")) {
            Rows rows = new Rows(
                    new Row("floor: passes on, verifies and stores nothing", floor, "", ORDERS, 1, CONNECTIONS),
                    new Row("accept", one, "bare", ORDERS, 0, CONNECTIONS),
                    new Row("accept and deliver", one, "orders", ORDERS, 1, CONNECTIONS),
                    new Row("the same, durability=fsync", fsync, "orders", ORDERS, 1, CONNECTIONS),
                    new Row("fan-out to 5 targets", one, "many", ORDERS, FAN_OUT, CONNECTIONS),
                    new Row("one hot lane", one, "orders", new Shape(KILOBYTE, 1, 0, 0), 1, CONNECTIONS),
                    new Row("one hot lane, its target 2 ms away", one, FAR, new Shape(KILOBYTE, 1, 0, 0), 1, 1),
                    new Row("90 % duplicates", one, "orders", new Shape(KILOBYTE, ENTITIES, 0.9, 0), 1, CONNECTIONS),
                    new Row("90 % forged", one, "orders", new Shape(KILOBYTE, ENTITIES, 0, 0.9), 1, CONNECTIONS),
                    new Row("nothing but forged", one, "orders", new Shape(KILOBYTE, ENTITIES, 0, 1), 1, CONNECTIONS),
                    new Row("64 KB bodies", large, "orders", new Shape(64 * KILOBYTE, ENTITIES, 0, 0), 1, CONNECTIONS),
                    new Row("two gateways", two, "orders", ORDERS, 1, CONNECTIONS),
                    new Row("three gateways", three, "orders", ORDERS, 1, CONNECTIONS),
                    new Row("ten times the connections", one, "orders", ORDERS, 1, CROWD));
            for (Row row :
                    List.of(rows.floor(), rows.deliver(), rows.two(), rows.three(), rows.fsync(), rows.large())) {
                ceiling(row, load, sink, WARM_UP.multipliedBy(row.stand().programs()));
            }
            for (Row row : rows.all()) {
                ceiling(row, load, sink, rows.ofOneLane().contains(row) ? TIME_OF_ONE_LANE : TIME);
            }
            double taken = 0;
            long blocked = blocked(rows);
            for (int round = 0; round < ROUNDS; round++) {
                for (Row row : rows.ofGateways()) {
                    boolean isOneLane = rows.ofOneLane().contains(row);
                    Row.Ceiling ceiling = isOneLane ? oneLane(row, load, sink) : ceiling(row, load, sink, TIME);
                    row.add(ceiling);
                    open(row, load, sink, ceiling.perSecond() / 2);
                }
                rows.floor().add(ceiling(rows.floor(), load, sink, TIME));
                // Latencies can be compared where as much is to be done.
                open(rows.floor(), load, sink, rows.deliver().perSecond() / 2);
                taken = round == 0 ? one.metric("sluice_events_total") : taken;
            }
            new Report(
                            rows,
                            one.metric("sluice_events_total") - taken,
                            blocked(rows) - blocked,
                            Sizes.measure(DIRECTORY, load),
                            Machine.here(one),
                            Micro.run())
                    .write(DIRECTORY);
        }
    }

    /** Also what Redis kept. */
    private static void removeWhatWasMeasuredBefore() throws IOException {
        if (Files.exists(DIRECTORY)) {
            try (Stream<Path> files = Files.walk(DIRECTORY)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** With what the two round trips between one event and the next take meanwhile, and what a script does in between. */
    private static Row.Ceiling oneLane(Row row, Load load, Program sink) throws Exception {
        Stand stand = row.stand();
        double scriptSeconds = stand.scriptSeconds();
        double scripts = stand.consumed().scripts();
        Probe probe = new Probe(sink.port(), path(row.source()), stand.redis().port());
        Row.Ceiling ceiling;
        try (probe) {
            ceiling = ceiling(row, load, sink, TIME_OF_ONE_LANE);
        }
        row.atLeast(probe.seconds()
                + (stand.scriptSeconds() - scriptSeconds) / (stand.consumed().scripts() - scripts));
        return ceiling;
    }

    private static void open(Row row, Load load, Program sink, double perSecond) throws Exception {
        Consumption before = row.stand().consumed();
        long sunkBefore = row.expected();
        Answered answered = load.open(row.stand().in(row.source()), row.shape(), perSecond, TIME);
        assertThat(answered.statuses().keySet()).as(row.name()).isSubsetOf(200, 204, 401);
        Sink.Got got = got(row, sink, sunkBefore, answered);
        row.half(row.stand().consumed().since(before).each(answered.requests()), answered.latencies(), got.latencies());
    }

    private static Row.Ceiling ceiling(Row row, Load load, Program sink, Duration time) throws Exception {
        Consumption before = row.stand().consumed();
        long sunkBefore = row.expected();
        long begun = System.nanoTime();
        Answered answered = load.closed(row.stand().in(row.source()), row.shape(), row.connections(), time);
        Sink.Got got = got(row, sink, sunkBefore, answered);
        double seconds = (Math.max(answered.endNanos(), got.endNanos()) - begun) / 1e9;
        assertThat(answered.statuses().keySet()).as(row.name()).isSubsetOf(200, 204, 401, UNAVAILABLE);
        return new Row.Ceiling(
                (answered.requests() - answered.statuses().getOrDefault(UNAVAILABLE, 0L)) / seconds,
                row.stand().consumed().since(before).each(answered.requests()),
                1 - (double) answered.taken() / answered.requests());
    }

    /** Waits until the sink has had everything that was accepted for it since. */
    private static Sink.Got got(Row row, Program sink, long before, Answered answered) throws Exception {
        long expected = row.stand().isFloor() ? answered.requests() : row.expected() - before;
        Awaitility.await(row.name())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Sink.count(sink.port()) >= expected);
        return Sink.got(sink.port());
    }

    private static long blocked(Rows rows) {
        return rows.all().stream()
                .map(Row::stand)
                .distinct()
                .mapToLong(Stand::blocked)
                .sum();
    }

    /** Where the sink takes events of a source. */
    private static String path(String source) {
        return source.equals(FAR) ? Sink.FAR : "/";
    }

    private static Stand stand(String name, int gateways, Program sink, String... redis) {
        Map<String, String> settings = new HashMap<>(Stand.SETTINGS);
        for (String source : List.of("bare", "orders", "many", FAR)) {
            settings.putAll(Stand.source(source));
        }
        // A target that takes so many at once, as a fast one can: while a machine is full, each event is under way for
        // longer.
        settings.put("sluice.policies.default.concurrency", "256");
        settings.put("sluice.sources.orders.durability", redis.length == 0 ? "memory" : "fsync");
        settings.put("sluice.targets.sink.url", "http://127.0.0.1:" + sink.port() + "/");
        settings.put("sluice.targets.sink.sources", "orders");
        settings.put("sluice.targets.far.url", "http://127.0.0.1:" + sink.port() + path(FAR));
        settings.put("sluice.targets.far.sources", FAR);
        for (int target = 0; target < FAN_OUT; target++) {
            settings.put("sluice.targets.sink-" + target + ".url", "http://127.0.0.1:" + sink.port() + "/");
            settings.put("sluice.targets.sink-" + target + ".sources", "many");
        }
        return Stand.gateways(DIRECTORY.resolve(name), gateways, settings, redis);
    }
}
