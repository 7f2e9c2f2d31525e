package dev.sluice.delivery;

import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Lease;
import dev.sluice.lane.Leased;
import dev.sluice.lane.Release;
import dev.sluice.lane.Renew;
import dev.sluice.lane.Settle;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The lanes that this gateway is delivering. Renews their leases, many in one call, and aborts the attempt of one that could
 * not be renewed before its lease ends: from then on another gateway may deliver the lane.
 */
@ApplicationScoped
class LaneRuns {
    private static final Logger LOG = Logger.getLogger(LaneRuns.class);

    /** Looks this often in the time of one lease. */
    private static final int LOOKS_A_LEASE = 12;

    /** Renews what is older than this part of a lease, so that there is time for a second try. */
    private static final int RENEWED_AFTER = 3;

    /** Aborts when this part of a lease is left. */
    private static final int ABORTED_BEFORE = 8;

    private final Set<LaneRun> running = ConcurrentHashMap.newKeySet();
    private final Set<Integer> renewing = ConcurrentHashMap.newKeySet();
    private final Renew renew;
    private final Release release;
    private final Settle settle;
    private final DeliveryLog log;
    private final Vertx vertx;
    private final Duration lease;

    LaneRuns(Renew renew, Release release, Settle settle, DeliveryLog log, Vertx vertx, LaneSettings settings) {
        this.renew = renew;
        this.release = release;
        this.settle = settle;
        this.log = log;
        this.vertx = vertx;
        this.lease = settings.lease();
    }

    void watch() {
        vertx.setPeriodic(lease.dividedBy(LOOKS_A_LEASE).toMillis(), timer -> look());
    }

    void start(Outlet outlet, Leased leased) {
        LaneRun run = new LaneRun(outlet, vertx, settle, log, leased);
        running.add(run);
        run.start();
    }

    void ended(LaneRun run) {
        running.remove(run);
    }

    boolean none() {
        return running.isEmpty();
    }

    /** Aborts whatever is still under way and hands its leases back. */
    Uni<Void> abortAll(String reason) {
        List<Uni<Void>> released = new ArrayList<>();
        for (LaneRun run : running) {
            run.abort(reason);
            released.add(release.release(run.lease()).onFailure().recoverWithNull());
        }
        return released.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(released).andCollectFailures().replaceWithVoid();
    }

    private void look() {
        List<LaneRun> aging = new ArrayList<>();
        for (LaneRun run : running) {
            if (run.lease().remaining().compareTo(lease.dividedBy(ABORTED_BEFORE)) < 0) {
                run.abort("the lease could not be renewed in time");
            } else if (run.lease().age().compareTo(lease.dividedBy(RENEWED_AFTER)) >= 0) {
                aging.add(run);
            }
        }
        aging.stream()
                .collect(Collectors.groupingBy(run -> run.lease().partition()))
                .forEach(this::renew);
    }

    private void renew(int partition, List<LaneRun> runs) {
        // One call at a time and partition: an answer that is overdue must not be overtaken by the next question.
        if (!renewing.add(partition)) {
            return;
        }
        List<LaneRun> some = runs.subList(0, Math.min(runs.size(), Renew.MOST));
        Map<Lease, LaneRun> byLease = some.stream().collect(Collectors.toMap(LaneRun::lease, Function.identity()));
        renew.renew(partition, List.copyOf(byLease.keySet()))
                .eventually(() -> renewing.remove(partition))
                .subscribe()
                .with(
                        lost -> new HashSet<>(lost).forEach(lease -> abort(byLease.get(lease))),
                        failure -> LOG.debugf("renewing failed: %s", failure.getMessage()));
    }

    private static void abort(@Nullable LaneRun run) {
        if (run != null) {
            run.abort("the lease has passed to another gateway");
        }
    }
}
