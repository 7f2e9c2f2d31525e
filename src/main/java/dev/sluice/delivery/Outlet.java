package dev.sluice.delivery;

import dev.sluice.lane.Claim.Claimed;
import dev.sluice.lane.Heads.Head;
import dev.sluice.lane.Lease;
import dev.sluice.lane.Leased;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.target.Target;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the lanes of one target, at most so many at a time. It knows in which partitions lanes are or may be ready, and
 * claims some whenever it has a free slot; nothing polls: a claim tells when the next lane is due, a retry sets a timer, and
 * what nobody remembers is found by the sweep.
 *
 * <p>Lives on one event loop; accepts that ask for room touch the slots, the hold, the pace and the backlog from others.
 */
final class Outlet {
    private static final Logger LOG = Logger.getLogger(Outlet.class);

    /** Enough to use a round trip well, few enough that gateways share what is ready. */
    private static final int MOST_LANES_A_CLAIM = 16;

    /** Where each partition has few lanes that are ready, to wait for one claim after the other would be most of what there is to do. */
    private static final int MOST_CLAIMS_AT_ONCE = 8;

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private final String target;
    private final Policy policy;
    private final Endpoint endpoint;
    private final LaneCalls lanes;
    private final LaneRuns runs;
    private final Context loop;

    private final Slots slots;
    private final Agenda agenda;
    private final Holding holding;
    private final Pace pace;
    private final Backlog backlog;
    private final Supplier<Phase> phase;
    private final FailingTargets.Watch watch = new FailingTargets.Watch();
    private int claims;

    /** Whether lanes are ready that this gateway is about to claim. */
    private volatile boolean lanesWait;

    Outlet(
            String target,
            Policy policy,
            Endpoint endpoint,
            LaneCalls lanes,
            LaneRuns runs,
            @Nullable SharedSlots shared,
            Supplier<Phase> phase,
            Context loop) {
        this.target = target;
        this.policy = policy;
        this.endpoint = endpoint;
        this.lanes = lanes;
        this.runs = runs;
        this.phase = phase;
        this.loop = loop;
        this.agenda = new Agenda(loop, this::claim);
        this.holding = new Holding(target, policy, endpoint, lanes.hold(), loop, this::claim);
        this.pace = Pace.of(target, policy.rateLimit(), lanes.rates());
        this.backlog = new Backlog(target, policy.bounds(), lanes.census(), lanes.pods(), this::full);
        this.slots = new Slots(policy.concurrency(), shared, this::turn);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The name of this gateway, for people. */
    String gateway() {
        return lanes.pods().self();
    }

    Policy policy() {
        return policy;
    }

    /** Takes a slot for a lane that is about to be leased. From any thread. */
    boolean reserve() {
        if (room() == 0 || !pace.takeOne()) {
            return false;
        }
        if (slots.takeForNewcomer(lanesWait)) {
            return true;
        }
        pace.giveBack(1);
        return false;
    }

    private int room() {
        return room(slots.taken());
    }

    /** How many more lanes might be delivered if so many were by now. From any thread. */
    int room(int taken) {
        if (isStopping() || endpoint.withheld().isPresent()) {
            return 0;
        }
        int room = holding.room(taken);
        // One always: what is under way to others, and may hang there, keeps no target waiting.
        return runs.areHeavy() ? Math.min(room, Math.max(0, 1 - taken)) : room;
    }

    /** Gives back a slot for which there was no lane. From any thread. */
    void unreserve() {
        slots.giveNewcomer();
        pace.giveBack(1);
        loop.runOnContext(nothing -> claim());
    }

    /** Delivers a lane for which a slot was reserved. From any thread. */
    void deliver(Leased leased) {
        loop.runOnContext(nothing -> runs.start(this, leased, true));
    }

    /** Lanes of this partition are or may be ready. From any thread. */
    void ready(int partition) {
        loop.runOnContext(nothing -> {
            agenda.ready(partition);
            claim();
        });
    }

    /** Lanes of this partition are due in a while. From any thread. */
    void readyIn(int partition, Duration delay) {
        loop.runOnContext(nothing -> agenda.readyIn(partition, delay));
    }

    /** Where is told and asked for how long the target is to be left alone. */
    Holding holding() {
        return holding;
    }

    /** Where is asked and told how much waits for the target. */
    Backlog backlog() {
        return backlog;
    }

    private void full() {
        if (policy.bounds().disables() && endpoint.withheld().isEmpty()) {
            lanes.failing().full(target);
        }
    }

    /** Whether a lane is to go on with its next event, after so many in a row. */
    boolean wantsNext(int inARow) {
        return !isStopping()
                && endpoint.withheld().isEmpty()
                && holding.remaining().isZero()
                && !holding.isProbing()
                && mayGoOn()
                && (inARow < lanes.settings().burst() || (!doOthersWait() && !slots.areWanted()))
                && pace.takeOne();
    }

    /** Its next event may be larger. */
    private boolean mayGoOn() {
        return !runs.areHeavy() || slots.taken() == 1;
    }

    /** What is under way to all targets is no longer as much as there is memory for. From any thread. */
    void roomier() {
        onLoop(this::claim);
    }

    /** There was no next event for a lane that was to go on with it. */
    void hadNoNext() {
        pace.giveBack(1);
    }

    /** A lane is no longer this gateway's. */
    void ended(LaneRun run, Settled settled) {
        int partition = run.lease().partition();
        runs.ended(run);
        if (run.isNewcomer()) {
            slots.giveNewcomer();
        } else {
            slots.give(1);
        }
        if (settled instanceof Settled.Ready) {
            agenda.ready(partition);
        } else if (settled instanceof Settled.Waiting waiting) {
            agenda.readyIn(partition, waiting.delay());
        } else if (settled instanceof Settled.Stale) {
            agenda.readyIn(partition, lanes.settings().lease());
        }
        claim();
    }

    /** The target may be sent to again: what this gateway knew of a hold no longer holds. From any thread. */
    void enabled() {
        backlog.excuse();
        onLoop(holding::lifted);
    }

    /** A lane of which nothing was sent, as nothing may be now: whoever may, may have it. */
    void giveBack(LaneRun run) {
        onLoop(
                runs.release(List.of(run.lease())),
                released -> {
                    pace.giveBack(1);
                    ended(run, new Settled.Ready(0));
                },
                failure -> ended(run, new Settled.Stale()));
    }

    /** What came of an attempt is settled. */
    void heard(Outcome outcome, @Nullable URI sentTo) {
        if (Target.isRegistered(target) && sentTo != null) {
            lanes.failing().ended(target, sentTo, outcome, watch);
        }
    }

    /** Nothing is under way, and nothing is known to be due. Where much waits, that is remembered. */
    boolean isIdle() {
        return endpoint.withheld().isEmpty()
                && slots.taken() == 0
                && claims == 0
                && agenda.isEmpty()
                && !backlog.isNearlyFull()
                && holding.remaining().isZero();
    }

    /** Nothing is claimed, under way or about to be. From any thread. */
    boolean isAtRest() {
        return slots.taken() == 0;
    }

    /** The target is gone, and nothing is under way to it. */
    boolean isOver() {
        return !endpoint.isThere() && slots.taken() == 0;
    }

    /** Does something on this outlet's loop. From any thread. */
    void onLoop(Runnable work) {
        loop.runOnContext(nothing -> work.run());
    }

    /** Follows a call back on this outlet's loop. */
    <T> void onLoop(Uni<T> call, Consumer<T> then, Consumer<Throwable> otherwise) {
        call.emitOn(this::onLoopNow).subscribe().with(then, otherwise);
    }

    /** At once where it is on the loop already: most of what is followed up was answered there. */
    private void onLoopNow(Runnable work) {
        if (Vertx.currentContext() == loop) {
            work.run();
        } else {
            onLoop(work);
        }
    }

    private void claim() {
        lanesWait = mayClaim() && doOthersWait();
        while (wantsLanes()) {
            int taken = slots.takeOrWait(Math.min(claimable(), MOST_LANES_A_CLAIM));
            if (taken == 0) {
                return;
            }
            claim(taken);
        }
    }

    /** One of the shared slots is this outlet's. From any thread. */
    private void turn() {
        onLoop(() -> {
            if (!wantsLanes()) {
                slots.passTurn();
            } else if (slots.takeTurn()) {
                claim(1);
            }
        });
    }

    /** Those that are being claimed do not yet have their slots. */
    private boolean doOthersWait() {
        return claims > 0 || agenda.hasReady();
    }

    private boolean mayClaim() {
        return phase.get() == Phase.RUNNING;
    }

    private boolean isStopping() {
        return phase.get() == Phase.STOPPING;
    }

    private boolean wantsLanes() {
        return mayClaim()
                && claims < MOST_CLAIMS_AT_ONCE
                && agenda.hasReady()
                && claimable() > 0
                && pace.untilNext().isZero();
    }

    private int claimable() {
        return Math.min(room(), slots.leftToClaim());
    }

    private void claim(int taken) {
        int partition = agenda.next();
        claims++;
        onLoop(
                pace.take(taken),
                permitted -> {
                    slots.give(taken - permitted);
                    if (permitted > 0) {
                        claim(partition, permitted);
                    } else {
                        claims--;
                        // Timers know whole milliseconds, and one that is early finds none.
                        agenda.readyIn(partition, pace.untilNext().plusMillis(1));
                    }
                },
                failure -> notClaimed(partition, taken, failure));
    }

    private void claim(int partition, int permitted) {
        onLoop(
                lanes.claim().claim(partition, target, permitted),
                claimed -> claimed(partition, permitted, claimed),
                failure -> notClaimed(partition, permitted, failure));
    }

    private void notClaimed(int partition, int taken, Throwable failure) {
        LOG.debugf("claim for %s failed: %s", target, failure.getMessage());
        claims--;
        slots.give(taken);
        agenda.readyIn(partition, jittered(PAUSE_AFTER_FAILURE));
    }

    private void claimed(int partition, int taken, Claimed claimed) {
        claims--;
        if (claimed instanceof Claimed.Lanes lanesOfOurs) {
            holding.metNone();
            giveBack(taken - lanesOfOurs.leases().size());
            readHeads(lanesOfOurs.leases());
            if (lanesOfOurs.leases().size() == taken) {
                agenda.ready(partition);
            } else {
                lanesOfOurs.next().ifPresent(next -> agenda.readyIn(partition, next));
            }
        } else if (claimed instanceof Claimed.Held held) {
            giveBack(taken);
            agenda.ready(partition);
            holding.met(held.remaining());
        }
        claim();
    }

    private void readHeads(List<Lease> leases) {
        if (leases.isEmpty()) {
            return;
        }
        onLoop(
                lanes.heads().read(leases),
                heads -> {
                    for (int i = 0; i < heads.size(); i++) {
                        begin(leases.get(i), heads.get(i));
                    }
                    List<Lease> rest = leases.subList(heads.size(), leases.size());
                    if (runs.areHeavy()) {
                        rest.forEach(this::leaveWaiting);
                    } else {
                        readHeads(rest);
                    }
                },
                failure -> {
                    LOG.warnf(
                            "cannot read what %d lanes begin with, to %s: %s",
                            leases.size(), target, failure.getMessage());
                    leases.forEach(this::giveUp);
                });
    }

    private void begin(Lease lease, Head head) {
        if (head instanceof Head.Found found) {
            if (isStopping()) {
                handBack(lease);
            } else {
                runs.start(this, found.leased(), false);
            }
        } else {
            if (head instanceof Head.Unreadable unreadable) {
                LOG.errorf("lane %s stands still: %s", lease.lane(), unreadable.reason());
            } else if (head instanceof Head.Lost lost) {
                runs.bury(this, lease, lost.id());
            } else if (head instanceof Head.Skipped skipped) {
                runs.skip(this, lease, skipped.id());
            }
            giveUp(lease);
        }
    }

    private void giveBack(int lanesNotDelivered) {
        slots.give(lanesNotDelivered);
        pace.giveBack(lanesNotDelivered);
    }

    /** This gateway stops, and nothing was sent. */
    private void handBack(Lease lease) {
        onLoop(runs.release(List.of(lease)), released -> giveBack(1), failure -> giveBack(1));
    }

    /** There is no memory for what stands in the lane: it is claimed again, here or elsewhere. */
    private void leaveWaiting(Lease lease) {
        onLoop(
                runs.release(List.of(lease)),
                released -> {
                    giveBack(1);
                    agenda.ready(lease.partition());
                    claim();
                },
                failure -> giveUp(lease));
    }

    /** The lane comes back when its lease ends. */
    private void giveUp(Lease lease) {
        giveBack(1);
        agenda.readyIn(lease.partition(), lanes.settings().lease());
        claim();
    }

    private static Duration jittered(Duration pause) {
        return pause.plusMillis(ThreadLocalRandom.current().nextLong(pause.toMillis()));
    }
}
