package dev.sluice.delivery;

import dev.sluice.fleet.Heartbeat;
import dev.sluice.fleet.Pauses;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Lease;
import dev.sluice.target.Registry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Starts delivery with the gateway, and stops it in order: no new claims, attempts finish, leases go back. */
@ApplicationScoped
class Lifecycle {
    private static final Logger LOG = Logger.getLogger(Lifecycle.class);
    private static final Duration CUT = Duration.ofSeconds(2);
    private static final Duration GOOD_BYE = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final LaneRuns runs;
    private final Sweep sweep;
    private final Outlets outlets;
    private final Registry registry;
    private final Pauses pauses;
    private final Heartbeat heartbeat;
    private final Pods pods;
    private final Duration grace;

    Lifecycle(
            LaneRuns runs,
            Sweep sweep,
            Outlets outlets,
            Registry registry,
            Pauses pauses,
            Heartbeat heartbeat,
            Pods pods,
            @ConfigProperty(name = "quarkus.shutdown.timeout") Duration grace) {
        this.runs = runs;
        this.sweep = sweep;
        this.outlets = outlets;
        this.registry = registry;
        this.pauses = pauses;
        this.heartbeat = heartbeat;
        this.pods = pods;
        this.grace = grace;
    }

    void start(@Observes StartupEvent started) {
        runs.watch();
        sweep.start();
        registry.follow();
        pauses.follow();
        heartbeat.start();
    }

    /** Readiness fails from now on, but for a while there will still be requests. */
    void drain(@Observes ShutdownDelayInitiatedEvent stoppingSoon) {
        outlets.drain();
        pods.retire();
        heartbeat.soon();
    }

    /** Runs on the thread that shuts down, which may wait. */
    void stop(@Observes ShutdownEvent stopping) {
        outlets.stop();
        awaitNone(grace);
        List<Lease> cut = runs.abortAll("the gateway stops");
        // Not before they are cut: whoever gets a lane would send beside them.
        awaitNone(CUT);
        try {
            runs.release(cut).chain(pods::leave).await().atMost(GOOD_BYE);
        } catch (RuntimeException e) {
            // Then the leases run out, and the others take over a few seconds later.
            LOG.warnf("stopped without handing everything back: %s", e.getMessage());
        }
        sweep.stop();
    }

    private void awaitNone(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!outlets.areAtRest() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }
}
