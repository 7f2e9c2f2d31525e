package dev.sluice.delivery;

import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Lease;
import dev.sluice.lane.Leased;
import dev.sluice.lane.Release;
import dev.sluice.lane.Renew;
import dev.sluice.lane.Settle;
import dev.sluice.lane.Settle.Settled;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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

    /** So much of the memory is for bodies that are under way: each may be there several times, as it was read and as it is sent. */
    private static final int PART_FOR_BODIES = 4;

    /** Looks this often in the time of one lease. */
    private static final int LOOKS_A_LEASE = 12;

    /** Renews what is older than this part of a lease, so that there is time for a second try. */
    private static final int RENEWED_AFTER = 3;

    /** Aborts when this part of a lease is left. */
    private static final int ABORTED_BEFORE = 8;

    private static final int RELEASED_AT_ONCE = 100;

    private final Set<LaneRun> running = ConcurrentHashMap.newKeySet();
    private final Set<Integer> renewing = ConcurrentHashMap.newKeySet();
    private final AtomicLong bodies = new AtomicLong();
    private final long mostBodies = Runtime.getRuntime().maxMemory() / PART_FOR_BODIES;
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

    void start(Outlet outlet, Leased leased, boolean newcomer) {
        LaneRun run = new LaneRun(outlet, vertx, settle, log, this::weigh, leased, newcomer);
        running.add(run);
        weigh(run.size());
        run.start();
    }

    /** Sets a head aside of which Redis has nothing but the id: without that its lane would stand still for ever. */
    void bury(Outlet outlet, Lease lease, String event) {
        setAside(
                outlet,
                lease,
                event,
                settle.bury(lease, event, "Redis has lost its body"),
                () -> log.bodyLost(lease, event));
    }

    /** Sets a head aside that its operator does not want sent. */
    void skip(Outlet outlet, Lease lease, String event) {
        setAside(outlet, lease, event, settle.skip(lease, event), () -> log.skipped(lease, event));
    }

    private static void setAside(Outlet outlet, Lease lease, String event, Uni<Settled> settling, Runnable telling) {
        outlet.onLoop(
                settling,
                settled -> {
                    if (!(settled instanceof Settled.Stale)) {
                        telling.run();
                    }
                    outlet.ready(lease.partition());
                },
                failure -> LOG.warnf("cannot set aside %s: %s", event, failure.getMessage()));
    }

    void ended(LaneRun run) {
        running.remove(run);
        weigh(-run.size());
    }

    /** Whether so much is under way, to all targets, that each is to have no more than one lane. From any thread. */
    boolean areHeavy() {
        return bodies.get() >= mostBodies;
    }

    /** So many bytes more, or fewer, are under way. Whoever has had to be content with one lane may have more when there is room again. */
    private void weigh(int bytes) {
        long before = bodies.getAndAdd(bytes);
        if (before >= mostBodies && before + bytes < mostBodies) {
            running.stream().map(LaneRun::outlet).distinct().forEach(Outlet::roomier);
        }
    }

    /** Aborts whatever is still under way.
     *
     * @return the leases to hand back, once nothing is under way any more
     */
    List<Lease> abortAll(String reason) {
        List<LaneRun> aborted = List.copyOf(running);
        aborted.forEach(run -> run.abort(reason));
        return aborted.stream().map(LaneRun::lease).toList();
    }

    /** Hands leases back; one that was settled meanwhile is no longer this gateway's, and stays as it is. */
    Uni<Void> release(List<Lease> leases) {
        return Multi.createFrom()
                .iterable(leases)
                .onItem()
                .transformToUni(lease -> release.release(lease).onFailure().recoverWithNull())
                .merge(RELEASED_AT_ONCE)
                .onItem()
                .ignoreAsUni();
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
        Map<Lease, LaneRun> byLease = runs.stream().collect(Collectors.toMap(LaneRun::lease, Function.identity()));
        Multi.createFrom()
                .iterable(byLease.keySet())
                .group()
                .intoLists()
                .of(Renew.MOST)
                .onItem()
                .transformToUniAndConcatenate(some -> renew.renew(partition, some))
                .onTermination()
                .invoke(() -> renewing.remove(partition))
                .subscribe()
                .with(
                        lost -> lost.forEach(lease -> abort(byLease.get(lease))),
                        failure -> LOG.debugf("renewing failed: %s", failure.getMessage()));
    }

    private static void abort(@Nullable LaneRun run) {
        if (run != null) {
            run.abort("the lease has passed to another gateway");
        }
    }
}
