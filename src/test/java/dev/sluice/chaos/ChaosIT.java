package dev.sluice.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The promise, while everything goes wrong. Each run prints its seed: {@code -Dchaos.seed} has the same faults come
 * again, {@code -Dit.test=ChaosIT#...} in one of the runs, {@code -Dchaos.seconds} says for how long. Where the seed is even no
 * gateway is stopped: then nothing excuses two requests in flight.
 */
class ChaosIT {
    /** Of deliveries that are made more than once. */
    private static final double FEW = 0.05;

    /** For each fault to come once, with its pauses and what it takes, and many events between them. */
    private static final Duration TIME_FOR_ALL = Duration.ofMinutes(3);

    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("chaos.seconds"));

    @Test
    @Tag("jdk")
    void onOneServerThatKeepsAnAppendOnlyFile() throws Exception {
        run("standalone", StandaloneStore::new);
    }

    @Test
    void throughFailOversBySentinel() throws Exception {
        run("sentinel", SentinelStore::new);
    }

    @Test
    void throughFailOversAndMovedSlotsOfACluster() throws Exception {
        run("cluster", ClusterStore::new);
    }

    private static void run(String name, ChaosRun.Shape shape) throws Exception {
        long seed = Long.getLong("chaos.seed", new Random().nextInt(1_000_000));
        ChaosRun run = ChaosRun.of(name, shape, LENGTH, seed);
        assertThat(run.violations()).as(run.summary()).isEmpty();
        assertThat(run.unexplained()).as(run.summary()).isEmpty();
        if (LENGTH.compareTo(TIME_FOR_ALL) >= 0) {
            assertThat(run.missed()).as(run.summary()).isEmpty();
            // Each fault doubles what is under way just then, which of a short run is a large share.
            assertThat(run.doubled()).as(run.summary()).isLessThan(FEW);
        }
    }
}
