package dev.sluice.delivery;

import dev.sluice.delivery.Policy.RateLimit;
import dev.sluice.fleet.SharedRates;
import dev.sluice.fleet.SharedRates.Permits;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * How fast a target may be sent to. Permits are taken before lanes are claimed, so that a spent rate costs Redis no claims and
 * the events no attempts: the lanes wait where they are. What is given and not used is kept for a while. From any thread.
 */
final class Pace {
    private final RateLimit limit;
    private final IntFunction<Uni<Permits>> source;
    private final LongSupplier nanoTime;
    private int kept;
    private long keptUntil;
    private long spentUntil;

    /**
     * Makes one.
     *
     * @param source gives some of the permits that are asked for
     * @param nanoTime a clock like {@link System#nanoTime}
     */
    Pace(RateLimit limit, IntFunction<Uni<Permits>> source, LongSupplier nanoTime) {
        this.limit = limit;
        this.source = source;
        this.nanoTime = nanoTime;
        keptUntil = nanoTime.getAsLong();
        spentUntil = keptUntil;
    }

    private Pace(RateLimit limit, IntFunction<Uni<Permits>> source) {
        this(limit, source, System::nanoTime);
    }

    /** The pace of one target. */
    static Pace of(String target, RateLimit limit, SharedRates rates) {
        if (limit.isNone()) {
            return new Pace(limit, wanted -> Uni.createFrom().item(new Permits(wanted, Duration.ZERO)));
        }
        if (limit.shared()) {
            return new Pace(limit, wanted -> rates.take(target, limit.step(), limit.burst(), wanted));
        }
        PodRate own = new PodRate(limit);
        return new Pace(limit, wanted -> Uni.createFrom().item(() -> own.take(wanted)));
    }

    /** Takes one that is at hand; false when there is none. */
    boolean takeOne() {
        return limit.isNone() || takeKept(1) == 1;
    }

    /** Takes up to so many, and answers how many; when it is none, {@link #untilNext} tells when to ask again. */
    Uni<Integer> take(int wanted) {
        int atHand = takeKept(wanted);
        return atHand > 0 ? Uni.createFrom().item(atHand) : source.apply(wanted).map(this::given);
    }

    /** Gives back what was not used. */
    synchronized void giveBack(int permits) {
        if (!limit.isNone() && permits > 0) {
            kept = Math.min(takeKept(kept) + permits, limit.burst());
            // No longer than it takes until there are as many anew.
            keptUntil = nanoTime.getAsLong()
                    + limit.step().multipliedBy(limit.burst()).toNanos();
        }
    }

    /** How long until there is one; zero when there may be one now. */
    synchronized Duration untilNext() {
        return kept > 0 ? Duration.ZERO : Duration.ofNanos(Math.max(0, spentUntil - nanoTime.getAsLong()));
    }

    private synchronized int given(Permits permits) {
        if (permits.permits() == 0) {
            spentUntil = nanoTime.getAsLong() + permits.next().toNanos();
        }
        return permits.permits();
    }

    private synchronized int takeKept(int wanted) {
        if (keptUntil - nanoTime.getAsLong() < 0) {
            kept = 0;
        }
        int taken = Math.min(wanted, kept);
        kept -= taken;
        return taken;
    }
}
