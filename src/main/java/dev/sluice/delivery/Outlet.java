package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.lane.Claim.Claimed;
import dev.sluice.lane.Heads.Head;
import dev.sluice.lane.Hold;
import dev.sluice.lane.Lease;
import dev.sluice.lane.Leased;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.target.Target;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the lanes of one target, at most so many at a time. It knows in which partitions lanes are or may be ready, and
 * claims some whenever it has a free slot; nothing polls: a claim tells when the next lane is due, a retry sets a timer, and
 * what nobody remembers is found by the sweep.
 *
 * <p>Lives on one event loop; only the slots and the hold are touched by others, by accepts that ask for room.
 */
final class Outlet {
    private static final Logger LOG = Logger.getLogger(Outlet.class);

    /** Enough to use a round trip well, few enough that gateways share what is ready. */
    private static final int MOST_LANES_A_CLAIM = 16;

    private static final Duration LONGEST_HOLD_UNASKED = Duration.ofMinutes(1);

    private static final Duration LONGEST_DISABLING_UNASKED = Duration.ofSeconds(1);

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private final String target;
    private final Policy policy;
    private final Endpoint endpoint;
    private final LaneCalls lanes;
    private final LaneRuns runs;
    private final Context loop;

    private final Slots slots;
    private final Agenda agenda;
    private final Ramp ramp;
    private volatile long heldUntil = System.nanoTime();
    private volatile boolean stopping;
    private final FailingWebhooks.Watch watch = new FailingWebhooks.Watch();
    private boolean claiming;

    /** When Redis was last asked: a hold of a webhook that is enabled, as far as this gateway knows. */
    private boolean heldForEver;

    Outlet(
            String target,
            Policy policy,
            Endpoint endpoint,
            LaneCalls lanes,
            LaneRuns runs,
            @Nullable SharedSlots shared,
            Context loop) {
        this.target = target;
        this.policy = policy;
        this.endpoint = endpoint;
        this.lanes = lanes;
        this.runs = runs;
        this.loop = loop;
        this.agenda = new Agenda(loop, this::claim);
        this.ramp = new Ramp(policy.circuit().successes(), policy.concurrency());
        this.slots = new Slots(policy.concurrency(), shared, this::turn);
        endpoint.onCircuit(state -> onLoop(() -> circuit(state)));
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
        return mayDeliver() && ramp.room(slots.taken()) > 0 && slots.take(1) == 1;
    }

    private boolean mayDeliver() {
        return !stopping && held().isZero() && endpoint.withheld().isEmpty();
    }

    /** Gives back a slot for which there was no lane. From any thread. */
    void unreserve() {
        slots.give(1);
        loop.runOnContext(nothing -> claim());
    }

    /** For how much longer the target is held, as far as this gateway knows. From any thread. */
    Duration held() {
        return Duration.ofNanos(Math.max(0, heldUntil - System.nanoTime()));
    }

    /** Delivers a lane for which a slot was reserved. From any thread. */
    void deliver(Leased leased) {
        loop.runOnContext(nothing -> runs.start(this, leased));
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

    /** The target asked to be left alone: tells all gateways. */
    void hold(Duration length) {
        Duration known = held();
        heldFor(asked(length));
        tellOfHold(known, length);
    }

    private void tellOfHold(Duration known, Duration length) {
        if (known.compareTo(length.multipliedBy(9).dividedBy(10)) > 0) {
            // Every attempt that was under way is told the same: the other gateways need to hear it once.
            return;
        }
        lanes.hold()
                .hold(target, length)
                // One that was unsubscribed while the attempt was under way is cleared away already.
                .call(() -> endpoint.isThere()
                        ? Uni.createFrom().voidItem()
                        : lanes.hold().resume(target))
                .subscribe()
                .with(done -> {}, failure -> LOG.warnf("not every gateway knows that %s is held: %s", target, failure));
    }

    /** Whether a lane is to go on with its next event, after so many in a row. */
    boolean wantsNext(int inARow) {
        return mayDeliver()
                && !ramp.isProbing()
                && (inARow < lanes.settings().burst() || (!agenda.hasReady() && !slots.areWanted()));
    }

    /** A lane is no longer this gateway's. */
    void ended(LaneRun run, Settled settled) {
        int partition = run.lease().partition();
        runs.ended(run);
        slots.give(1);
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
        loop.runOnContext(nothing -> {
            heldUntil = System.nanoTime();
            ramp.restart();
            claim();
        });
    }

    /** A lane of which nothing may be sent now: whoever may, may have it. */
    void giveBack(LaneRun run) {
        onLoop(
                runs.release(List.of(run.lease())),
                released -> ended(run, new Settled.Ready(0)),
                failure -> ended(run, new Settled.Stale()));
    }

    /** An attempt has ended, whatever becomes of its lane. */
    void answered(Outcome outcome) {
        if (!held().isZero()) {
            // It began before the target was held, and tells nothing of how it is afterwards.
            return;
        }
        if (outcome instanceof Outcome.Withheld) {
            if (endpoint.circuit() != CircuitBreakerState.CLOSED) {
                heldFor(PAUSE_AFTER_FAILURE);
            }
        } else if (outcome instanceof Outcome.Failed failed && failed.isOfTarget()) {
            if (ramp.isProbing()) {
                holdForCircuit();
            }
        } else {
            ramp.succeeded();
        }
    }

    private void circuit(CircuitBreakerState state) {
        switch (state) {
            case OPEN -> {
                Story.tell(LOG, Level.WARN, "circuit opened", "target", target);
                holdForCircuit();
            }
            case HALF_OPEN -> LOG.debugf("the circuit of %s is half open", target);
            case CLOSED -> Story.tell(LOG, Level.INFO, "circuit closed", "target", target);
        }
    }

    private void holdForCircuit() {
        Duration known = held();
        Duration length = policy.circuit().delay();
        heldFor(length);
        // There may be any number of webhooks that are down, and each telling costs a call for each partition.
        if (!Target.isRegistered(target)) {
            tellOfHold(known, length);
        }
    }

    /** What came of an attempt is settled. */
    void heard(Outcome outcome, @Nullable URI sentTo) {
        if (Target.isRegistered(target) && sentTo != null) {
            lanes.failing().ended(target, sentTo, outcome, watch);
        }
    }

    /** Nothing is under way, and nothing is known to be due. */
    boolean isIdle() {
        return slots.taken() == 0 && !claiming && agenda.isEmpty() && held().isZero();
    }

    /** The target is gone, and nothing is under way to it. */
    boolean isOver() {
        return !endpoint.isThere() && slots.taken() == 0;
    }

    /** Claims nothing more. From any thread. */
    void stop() {
        stopping = true;
    }

    /** Does something on this outlet's loop. From any thread. */
    void onLoop(Runnable work) {
        loop.runOnContext(nothing -> work.run());
    }

    /** Follows a call back on this outlet's loop. */
    <T> void onLoop(Uni<T> call, Consumer<T> then, Consumer<Throwable> otherwise) {
        call.emitOn(command -> loop.runOnContext(nothing -> command.run()))
                .subscribe()
                .with(then, otherwise);
    }

    private void claim() {
        if (wantsLanes()) {
            int taken = slots.takeOrWait(Math.min(ramp.room(slots.taken()), MOST_LANES_A_CLAIM));
            if (taken > 0) {
                claim(taken);
            }
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

    private boolean wantsLanes() {
        return !claiming && agenda.hasReady() && mayDeliver() && ramp.room(slots.taken()) > 0;
    }

    private void claim(int taken) {
        int partition = agenda.next();
        claiming = true;
        onLoop(
                lanes.claim().claim(partition, target, taken),
                claimed -> claimed(partition, taken, claimed),
                failure -> {
                    LOG.debugf("claim for %s failed: %s", target, failure.getMessage());
                    claiming = false;
                    slots.give(taken);
                    agenda.readyIn(partition, jittered(PAUSE_AFTER_FAILURE));
                });
    }

    private void claimed(int partition, int taken, Claimed claimed) {
        claiming = false;
        if (claimed instanceof Claimed.Lanes lanesOfOurs) {
            heldForEver = false;
            slots.give(taken - lanesOfOurs.leases().size());
            lanesOfOurs.leases().forEach(this::readHead);
            if (lanesOfOurs.leases().size() == taken) {
                agenda.ready(partition);
            } else {
                lanesOfOurs.next().ifPresent(next -> agenda.readyIn(partition, next));
            }
        } else if (claimed instanceof Claimed.Held held) {
            slots.give(taken);
            agenda.ready(partition);
            heldFor(asked(held.remaining()));
            endWhatNobodyEnds(held.remaining());
        }
        claim();
    }

    private void readHead(Lease lease) {
        onLoop(lanes.heads().read(lease), head -> begin(lease, head), failure -> {
            LOG.warnf("cannot read the head of lane %s: %s", lease.lane(), failure.getMessage());
            giveUp(lease);
        });
    }

    private void begin(Lease lease, Head head) {
        if (head instanceof Head.Found found) {
            runs.start(this, found.leased());
        } else {
            if (head instanceof Head.Lost lost) {
                runs.bury(this, lease, lost.id());
            }
            giveUp(lease);
        }
    }

    /** The lane comes back when its lease ends. */
    private void giveUp(Lease lease) {
        slots.give(1);
        agenda.readyIn(lease.partition(), lanes.settings().lease());
        claim();
    }

    /** Whoever disabled the webhook has died before it saw that it was enabled meanwhile. */
    private void endWhatNobodyEnds(Duration remaining) {
        boolean before = heldForEver;
        heldForEver = Target.isRegistered(target) && Hold.isForEver(remaining);
        if (before && heldForEver) {
            lanes.hold()
                    .resume(target)
                    .subscribe()
                    .with(done -> {}, failure -> LOG.debugf("%s stays held: %s", target, failure.getMessage()));
        }
    }

    /** For how long to count on a hold that another gateway may lift. */
    private static Duration asked(Duration length) {
        // Asked again after a while, as another gateway may have lifted it. A hold for ever is that of a disabled
        // webhook; one that this gateway does not know as disabled was enabled at the same time, and it does not hear
        // when the hold is lifted.
        Duration longest = Hold.isForEver(length) ? LONGEST_DISABLING_UNASKED : LONGEST_HOLD_UNASKED;
        return length.compareTo(longest) < 0 ? length : longest;
    }

    private void heldFor(Duration length) {
        long until = System.nanoTime() + length.toNanos();
        if (until - heldUntil > 0) {
            heldUntil = until;
            ramp.restart();
            loop.owner().setTimer(length.toMillis() + 1, timer -> loop.runOnContext(nothing -> claim()));
        }
    }

    private static Duration jittered(Duration pause) {
        return pause.plusMillis(ThreadLocalRandom.current().nextLong(pause.toMillis()));
    }
}
