package dev.sluice.chaos;

import dev.sluice.chaos.Plague.Injected;
import dev.sluice.system.Arrival;
import dev.sluice.system.ArrivalCheck;
import dev.sluice.system.Hit;
import dev.sluice.system.Message;
import dev.sluice.system.RecordingTarget;
import dev.sluice.system.Sender;
import dev.sluice.system.Sent;
import dev.sluice.system.Shop;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * One run: gateways on a Redis, a sender and targets, and for some time things going wrong with all of them at once. Then
 * everything is well again, and once each target has everything it is decided whether the promise was kept.
 *
 * @param violations what must never be
 * @param unexplained what must not be where no gateway was stopped
 * @param missed the faults that never came
 * @param doubled which share of the deliveries were made more than once
 * @param summary what happened, for people
 */
record ChaosRun(List<String> violations, List<Hit> unexplained, Set<String> missed, double doubled, String summary) {
    private static final int GATEWAYS = 3;
    private static final int ENTITIES = 48;
    private static final int CONNECTIONS = 6;
    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(50);
    private static final Duration DRAINED = Duration.ofMinutes(3);

    /** Makes a store. */
    interface Shape {
        Store start(Vertx vertx, Path directory);
    }

    static ChaosRun of(String name, Shape shape, Duration length, long seed) throws Exception {
        System.out.printf("chaos: %s for %d s, seed %d%n", name, length.toSeconds(), seed);
        // A run that has the same faults again has the same events as well: it must not find those of the one before.
        Path directory =
                Files.createTempDirectory(Files.createDirectories(Path.of("target", "chaos")), name + "-" + seed + "-");
        Vertx vertx = Vertx.vertx();
        try (Store store = shape.start(vertx, directory.resolve("redis"));
                Targets targets = new Targets(vertx, seed);
                Fleet fleet = new Fleet(directory, store, settings(store, targets), GATEWAYS)) {
            List<Plague> plagues = List.of(
                    new Plague("store", store.faults(), Duration.ofSeconds(6), seed),
                    new Plague("fleet", fleet.faults(seed % 2 != 0), Duration.ofSeconds(6), seed + 1),
                    new Plague("targets", targets.faults(), Duration.ofSeconds(4), seed + 2));
            Sender sender = new Sender(fleet.in("shop"), Shop.SIGNER);
            long end = System.nanoTime() + length.toNanos();
            CompletableFuture<List<Sent>> sending = sender.sendInBackground(
                    "order",
                    number -> {
                        LockSupport.parkNanos(BETWEEN_ROUNDS.toNanos());
                        return System.nanoTime() < end;
                    },
                    ENTITIES,
                    CONNECTIONS,
                    seed);
            plagues.forEach(Thread::start);
            List<Sent> sent = sending.get();
            for (Plague plague : plagues) {
                plague.end();
            }
            Set<Message> all = sent.stream().map(Sent::message).collect(Collectors.toSet());
            boolean drained = drained(store, targets, all);
            // A gateway that was stopped with a request in hand has sent it or given it up by then.
            fleet.awaitHeartbeats();
            return judge(name, seed, sent, targets, fleet, plagues, drained);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static Map<String, String> settings(Store store, Targets targets) {
        Map<String, String> settings = Shop.settings(targets.byName(), "400ms");
        settings.put("sluice.lanes.lease", Fleet.LEASE.toMillis() + "ms");
        settings.put("sluice.redis.timeout", "750ms");
        settings.put("quarkus.shutdown.delay", "500ms");
        settings.put("sluice.policies.default.circuit.delay", "1s");
        settings.putAll(store.settings());
        return settings;
    }

    /** Whether every target has received everything in time, and no lane is left from which something could still be sent. */
    private static boolean drained(Store store, Targets targets, Set<Message> all) {
        long deadline = System.nanoTime() + DRAINED.toNanos();
        while (System.nanoTime() < deadline) {
            if (targets.byName().values().stream()
                            .allMatch(target -> taken(target).containsAll(all))
                    && store.keys().stream().noneMatch(key -> key.contains("}:q:"))) {
                return true;
            }
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
        return false;
    }

    private static Set<Message> taken(RecordingTarget target) {
        return target.arrivals().stream()
                .filter(arrival -> arrival.status() == 200)
                .map(Arrival::message)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static ChaosRun judge(
            String name,
            long seed,
            List<Sent> sent,
            Targets targets,
            Fleet fleet,
            List<Plague> plagues,
            boolean drained) {
        List<String> violations = new ArrayList<>();
        List<Hit> unexplained = new ArrayList<>();
        if (!drained) {
            violations.add("not drained within " + DRAINED.toSeconds() + " s");
        }
        int arrivals = 0;
        int explained = 0;
        int doubles = 0;
        for (Map.Entry<String, RecordingTarget> target : targets.byName().entrySet()) {
            ArrivalCheck check = new ArrivalCheck(sent, target.getValue().arrivalsSoFar());
            check.violations().forEach(violation -> violations.add(target.getKey() + ": " + violation));
            List<Hit> hits = check.hits(fleet.stops());
            unexplained.addAll(hits);
            explained += check.hits().size() - hits.size();
            arrivals += check.arrivals().size();
            doubles += check.doubles().size();
        }
        long events = sent.stream().map(Sent::message).distinct().count();
        Map<String, Long> faults = new TreeMap<>();
        plagues.forEach(plague -> faults.putAll(plague.counts()));
        int targetsTold = targets.byName().size();
        double doubled = 1.0 * doubles / (events * targetsTold);
        String summary = String.format(
                "chaos: %s, seed %d: %d events to %d targets, %d requests; %s; delivered more than once: %d (%.2f %%);"
                        + " explained by a stopped gateway: %d; not explained: %d; violations: %d; drained: %s;"
                        + " recovery: %s",
                name,
                seed,
                events,
                targetsTold,
                arrivals,
                faults,
                doubles,
                100 * doubled,
                explained,
                unexplained.size(),
                violations.size(),
                drained,
                recoveries(sent, targets.byName().get("well"), plagues));
        System.out.println(summary);
        Set<String> missed = plagues.stream()
                .flatMap(plague -> plague.missed().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        return new ChaosRun(violations, unexplained, missed, doubled, summary);
    }

    /** For each kind of fault the longest time from its beginning until an event was accepted, and one delivered, again. */
    private static String recoveries(List<Sent> sent, RecordingTarget well, List<Plague> plagues) {
        long[] accepted = sent.stream().mapToLong(Sent::at).sorted().toArray();
        long[] delivered = well.arrivals().stream()
                .filter(arrival -> arrival.status() == 200)
                .mapToLong(Arrival::ended)
                .sorted()
                .toArray();
        Map<String, String> longest = plagues.stream()
                .flatMap(plague -> plague.injected().stream())
                .filter(fault -> !fault.name().startsWith("target"))
                .collect(Collectors.groupingBy(
                        Injected::name,
                        TreeMap::new,
                        Collectors.collectingAndThen(
                                Collectors.toList(),
                                faults -> String.format(
                                        "%.1f s/%.1f s",
                                        longestGap(accepted, faults), longestGap(delivered, faults)))));
        return longest.toString();
    }

    /** The longest time in which nothing happened, of those that touch one of the faults. */
    private static double longestGap(long[] times, List<Injected> faults) {
        long longest = 0;
        for (int i = 1; i < times.length; i++) {
            long from = times[i - 1];
            long to = times[i];
            if (faults.stream().anyMatch(fault -> from < fault.to() && fault.from() < to)) {
                longest = Math.max(longest, to - from);
            }
        }
        return longest / 1e9;
    }
}
