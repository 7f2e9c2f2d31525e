package dev.sluice.delivery;

import dev.sluice.lane.Lease;
import dev.sluice.lane.Leased;
import dev.sluice.lane.Settle;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.lane.Settlement;
import dev.sluice.lane.Told;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Delivers one lane, head by head, for as long as it is this gateway's: attempt, settle, and on with the event that settling
 * handed back. Runs on the event loop of its outlet; the next attempt begins only when the one before is settled, which is
 * what keeps a lane at one event in flight.
 */
final class LaneRun {
    private static final long SETTLE_AGAIN_MILLIS = 200;

    private final Outlet outlet;
    private final Vertx vertx;
    private final Settle settle;
    private final DeliveryLog log;
    private final IntConsumer scale;
    private final boolean newcomer;
    private Leased leased;
    private int delivered;
    private @Nullable Attempt attempt;
    private @Nullable URI sentTo;

    /** Makes one.
     *
     * @param scale told how many bytes more, or fewer, it has under way
     * @param newcomer whether its lane was idle when its first event was accepted
     */
    LaneRun(
            Outlet outlet,
            Vertx vertx,
            Settle settle,
            DeliveryLog log,
            IntConsumer scale,
            Leased leased,
            boolean newcomer) {
        this.outlet = outlet;
        this.vertx = vertx;
        this.settle = settle;
        this.log = log;
        this.scale = scale;
        this.leased = leased;
        this.newcomer = newcomer;
    }

    boolean isNewcomer() {
        return newcomer;
    }

    Outlet outlet() {
        return outlet;
    }

    Lease lease() {
        return leased.lease();
    }

    void start() {
        long begun = System.nanoTime();
        Leased current = leased;
        sentTo = outlet.endpoint().url();
        attempt = outlet.endpoint().attempt(current);
        outlet.onLoop(
                outlet.endpoint().send(attempt, current.head(), current.attempts() + 1),
                outcome -> attempted(outcome, Duration.ofNanos(System.nanoTime() - begun)),
                failure -> lost("the attempt broke: " + failure));
    }

    /** Ends the attempt that is under way, because its lease is about to end or the gateway to stop. From any thread. */
    void abort(String reason) {
        outlet.onLoop(() -> {
            if (attempt != null) {
                attempt.abort(reason);
            }
        });
    }

    private void attempted(Outcome outcome, Duration took) {
        attempt = null;
        outlet.holding().answered(outcome);
        if (outcome instanceof Outcome.Lost lost) {
            lost(lost.reason());
        } else if (outcome instanceof Outcome.Withheld) {
            outlet.giveBack(this);
        } else {
            settle(settlement(outcome), outcome, took);
        }
    }

    private void lost(String reason) {
        log.lost(leased, reason);
        outlet.ended(this, new Settled.Stale());
    }

    private Settlement settlement(Outcome outcome) {
        if (!(outcome instanceof Outcome.Failed failed)) {
            return new Settlement.Delivered();
        }
        if (failed.status().isPresent()
                && outlet.policy().finalStatuses().contains(failed.status().getAsInt())) {
            return dead(failed);
        }
        RetrySchedule retry = outlet.policy().retry();
        int failedAttempts = leased.attempts() + 1;
        Optional<Duration> delay = retry.delayAfter(failedAttempts);
        if (delay.isPresent()) {
            Duration own = retry.jittered(delay.get(), ThreadLocalRandom.current());
            Duration asked = failed.retryAfter().orElse(Duration.ZERO);
            return new Settlement.Retry(retry.clamp(asked, own, failedAttempts), failed.inFull());
        }
        return switch (outlet.policy().onExhausted()) {
            case DEAD_LETTER -> dead(failed);
            case PARK -> new Settlement.Park(failed.inFull());
        };
    }

    private Settlement dead(Outcome.Failed failed) {
        return new Settlement.Dead(failed.inFull(), outlet.backlog().bury(size()));
    }

    /** Of the body that is under way, in bytes. */
    int size() {
        return leased.head().content().body().length;
    }

    private void settle(Settlement settlement, Outcome outcome, Duration took) {
        boolean held = outcome instanceof Outcome.Failed failed && failed.holdsTarget();
        boolean wantsNext = !held && outlet.wantsNext(delivered + 1);
        outlet.onLoop(
                settle.settle(leased, settlement, told(outcome, took), wantsNext),
                settled -> {
                    if (wantsNext && !(settled instanceof Settled.Next)) {
                        outlet.hadNoNext();
                    }
                    settled(settlement, outcome, took, settled);
                },
                // Whether it was settled is not known, so say it again: a repetition changes nothing.
                failure -> {
                    if (wantsNext) {
                        outlet.hadNoNext();
                    }
                    if (lease().remaining().compareTo(Duration.ZERO) > 0) {
                        vertx.setTimer(SETTLE_AGAIN_MILLIS, timer -> settle(settlement, outcome, took));
                    } else {
                        lost("not settled before the lease ended: " + failure.getMessage());
                    }
                });
    }

    private Told told(Outcome outcome, Duration took) {
        int number = leased.attempts() + 1;
        return outcome instanceof Outcome.Failed failed
                ? new Told(number, failed.status(), took, outlet.gateway(), failed.reason(), failed.excerpt())
                : new Told(number, status(outcome), took, outlet.gateway(), null, "");
    }

    private static OptionalInt status(Outcome outcome) {
        return outcome instanceof Outcome.Delivered delivered
                ? OptionalInt.of(delivered.status())
                : OptionalInt.empty();
    }

    /** Its operator may have wanted the lane parked meanwhile, or its head set aside if it fails. */
    private static Settlement asSettled(Settlement settlement, Settled settled) {
        boolean blocks = settlement instanceof Settlement.Retry || settlement instanceof Settlement.Park;
        boolean goesOn =
                settled instanceof Settled.Next || settled instanceof Settled.Ready || settled instanceof Settled.Empty;
        if (blocks && goesOn) {
            return new Settlement.Skip();
        }
        return settlement instanceof Settlement.Retry retry && settled instanceof Settled.Parked
                ? new Settlement.Park(retry.reason())
                : settlement;
    }

    private void settled(Settlement wanted, Outcome outcome, Duration took, Settled settled) {
        Settlement settlement = asSettled(wanted, settled);
        log.attempted(leased, settlement, outcome, took, settled);
        if (!(settled instanceof Settled.Stale)) {
            outlet.heard(outcome, sentTo);
        }
        if (!(settled instanceof Settled.Stale)
                && !(settlement instanceof Settlement.Retry)
                && !(settlement instanceof Settlement.Park)) {
            outlet.backlog().left(size());
        }
        if (outcome instanceof Outcome.Failed failed && failed.holdsTarget()) {
            // Whatever becomes of this event: it is the target that wants to be left alone.
            outlet.holding().ask(failed.retryAfter().orElseThrow());
        }
        if (settled instanceof Settled.Next next) {
            int before = size();
            leased = next.leased();
            scale.accept(size() - before);
            delivered++;
            start();
        } else {
            outlet.ended(this, settled);
        }
    }
}
