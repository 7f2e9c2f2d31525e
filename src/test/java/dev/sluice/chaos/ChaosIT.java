package dev.sluice.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The promise, while everything goes wrong. Each run prints its seed: {@code -Dchaos.seed} has the same faults come
 * again, {@code -Dit.test=ChaosIT#...} in one of the runs, {@code -Dchaos.seconds} says for how long.
 */
class ChaosIT {
    /** Of deliveries that are made more than once. */
    private static final double FEW = 0.05;

    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("chaos.seconds"));

    /** Then nothing excuses two requests in flight. Only at length: no fault that is aimed stops a gateway either. */
    @Test
    @EnabledIfSystemProperty(named = "chaos.seconds", matches = "\\d{3,}")
    void whereNoGatewayIsStopped() throws Exception {
        run("standalone, no stops", StandaloneStore::new, Fleet::faultsButStops);
    }

    @Test
    void onOneServerThatKeepsAnAppendOnlyFile() throws Exception {
        run("standalone", StandaloneStore::new, Fleet::faults);
    }

    @Test
    void throughFailOversBySentinel() throws Exception {
        run("sentinel", SentinelStore::new, Fleet::faults);
    }

    @Test
    void throughFailOversAndMovedSlotsOfACluster() throws Exception {
        run("cluster", ClusterStore::new, Fleet::faults);
    }

    private static void run(String name, ChaosRun.Shape shape, Function<Fleet, List<Fault>> ofGateways)
            throws Exception {
        long seed = Long.getLong("chaos.seed", new Random().nextInt(1_000_000));
        ChaosRun run = ChaosRun.of(name, shape, ofGateways, LENGTH, seed);
        assertThat(run.violations()).as(run.summary()).isEmpty();
        assertThat(run.unexplained()).as(run.summary()).isEmpty();
        assertThat(run.doubled()).as(run.summary()).isLessThan(FEW);
    }
}
