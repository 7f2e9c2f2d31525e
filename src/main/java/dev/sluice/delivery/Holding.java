package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.lane.Hold;
import dev.sluice.target.Target;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * For how long a target is to be left alone, as far as this gateway knows, and how its lanes come back afterwards: a few to see
 * how it is, then more and more. What this gateway finds out it tells the others.
 *
 * <p>Lives on the event loop of its outlet, but for what may be asked from any thread.
 */
final class Holding {
    private static final Logger LOG = Logger.getLogger(Holding.class);

    private static final Duration LONGEST_UNASKED = Duration.ofMinutes(1);

    private static final Duration LONGEST_DISABLING_UNASKED = Duration.ofSeconds(1);

    /** There may be any number of webhooks that are down, and each telling costs a call for each partition. */
    private static final Duration WORTH_TELLING = Duration.ofSeconds(30);

    private static final Duration WHILE_WITHHELD = Duration.ofMillis(500);

    private final String target;
    private final Policy policy;
    private final Endpoint endpoint;
    private final Hold hold;
    private final Context loop;
    private final Runnable over;
    private final Ramp ramp;
    private volatile long until = System.nanoTime();

    /** Until when the other gateways were told that it is held. */
    private long toldUntil = System.nanoTime();

    /** When Redis was last asked: the hold of one that is disabled, which this one is not as far as this gateway knows. */
    private boolean forEver;

    /** Makes one for a target that is not held.
     *
     * @param hold tells the other gateways
     * @param loop where it lives
     * @param over told, there, when lanes may go out again
     */
    Holding(String target, Policy policy, Endpoint endpoint, Hold hold, Context loop, Runnable over) {
        this.target = target;
        this.policy = policy;
        this.endpoint = endpoint;
        this.hold = hold;
        this.loop = loop;
        this.over = over;
        this.ramp = new Ramp(policy.circuit().successes(), policy.concurrency());
        endpoint.onCircuit(state -> loop.runOnContext(nothing -> circuit(state)));
    }

    /** For how much longer; zero when it is not held. From any thread. */
    Duration remaining() {
        return Duration.ofNanos(Math.max(0, until - System.nanoTime()));
    }

    /** How many more lanes may be under way than are by now. From any thread. */
    int room(int now) {
        return remaining().isZero() ? ramp.room(now) : 0;
    }

    /** Whether it is still to be seen how the target is. */
    boolean isProbing() {
        return ramp.isProbing();
    }

    /** The target asked to be left alone: tells all gateways. */
    void ask(Duration wanted) {
        // It may ask for years; its events are not tried for longer than the window.
        Duration longest = policy.retry().leftAfter(0);
        Duration length = wanted.compareTo(longest) < 0 ? wanted : longest;
        Duration known = remaining();
        hold(unasked(length));
        if (!Target.isRegistered(target) || length.compareTo(WORTH_TELLING) >= 0) {
            tell(known, length);
        }
    }

    /** Redis was asked for lanes and told of a hold, which may be another gateway's. */
    void met(Duration length) {
        hold(unasked(length));
        boolean before = forEver;
        forEver = Hold.isForEver(length);
        if (before && forEver) {
            endWhatNobodyEnds();
        }
    }

    /** Redis was asked for lanes and knew of no hold. */
    void metNone() {
        forEver = false;
    }

    /** The target may be sent to again: what this gateway knew no longer holds. */
    void lifted() {
        until = System.nanoTime();
        toldUntil = until;
        ramp.restart();
        over.run();
    }

    /** An attempt has ended. */
    void answered(Outcome outcome) {
        if (!remaining().isZero()) {
            // It began before the target was held, and tells nothing of how it is afterwards.
            return;
        }
        if (outcome instanceof Outcome.Withheld withheld) {
            withheld.hold().ifPresent(this::hold);
            if (endpoint.circuit() != CircuitBreakerState.CLOSED) {
                hold(WHILE_WITHHELD);
            }
        } else if (outcome instanceof Outcome.Failed failed && failed.isOfTarget()) {
            // One that says for how long it wants to be left alone is held for so long, once that is settled.
            if (ramp.isProbing() && !failed.holdsTarget()) {
                holdForCircuit();
            }
        } else if (!(outcome instanceof Outcome.Lost)) {
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
        Duration known = remaining();
        Duration length = policy.circuit().delay();
        hold(length);
        if (!Target.isRegistered(target)) {
            tell(known, length);
        }
    }

    private void tell(Duration known, Duration length) {
        long now = System.nanoTime();
        Duration nearly = length.multipliedBy(9).dividedBy(10);
        if (known.compareTo(nearly) > 0 || toldUntil - now > nearly.toNanos()) {
            // Every attempt that was under way is told the same: the other gateways need to hear it once.
            return;
        }
        toldUntil = now + length.toNanos();
        hold.hold(target, length)
                // One that was unsubscribed while the attempt was under way is cleared away already.
                .call(() -> endpoint.isThere() ? Uni.createFrom().voidItem() : hold.resume(target))
                .subscribe()
                .with(done -> {}, failure -> LOG.warnf("not every gateway knows that %s is held: %s", target, failure));
    }

    /** Whoever disabled the target has died before it saw that it was enabled meanwhile. */
    private void endWhatNobodyEnds() {
        endpoint.isPaused()
                .chain(paused -> paused ? Uni.createFrom().voidItem() : hold.resume(target))
                .subscribe()
                .with(done -> {}, failure -> LOG.debugf("%s stays held: %s", target, failure.getMessage()));
    }

    /** For how long to count on a hold that another gateway may lift. */
    private static Duration unasked(Duration length) {
        // Asked again after a while, as another gateway may have lifted it. A hold for ever is that of a disabled
        // target; one that this gateway does not know as disabled was enabled at the same time, and it does not hear
        // when the hold is lifted.
        Duration longest = Hold.isForEver(length) ? LONGEST_DISABLING_UNASKED : LONGEST_UNASKED;
        return length.compareTo(longest) < 0 ? length : longest;
    }

    private void hold(Duration length) {
        long end = System.nanoTime() + length.toNanos();
        if (end - until > 0) {
            until = end;
            ramp.restart();
            loop.owner().setTimer(length.toMillis() + 1, timer -> loop.runOnContext(nothing -> over.run()));
        }
    }
}
