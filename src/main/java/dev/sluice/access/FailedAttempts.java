package dev.sluice.access;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the attempts of each address to get in without a valid key, and limits their rate.
 *
 * <p>The limit is against noise: a key of 256 random bits is not found by trying. So a valid key is never asked here; behind an
 * ingress all clients may share one address, and nobody must be able to lock the others out.
 */
@ApplicationScoped
class FailedAttempts {
    /** So many within {@link #PERIOD} are let pass as what they are. */
    static final int MOST = 20;

    static final Duration PERIOD = Duration.ofMinutes(1);

    /** When there are more, the one that has been quiet for the longest time is forgotten. */
    static final int MOST_ADDRESSES = 10_000;

    private final InstantSource time;
    private final Map<String, Latest> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Latest> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    FailedAttempts(InstantSource time) {
        this.time = time;
    }

    /** What is to be made of an attempt. */
    sealed interface Verdict {
        /** One of few. */
        record Tolerated() implements Verdict {}

        /**
         * One too many.
         *
         * @param retryIn when one would be tolerated again if none came until then
         * @param begins whether the one before was tolerated
         */
        record Limited(Duration retryIn, boolean begins) implements Verdict {}
    }

    /** Counts one. Those over the limit count too: it ends when the rate falls, not by the clock. */
    synchronized Verdict count(String address) {
        return byAddress.computeIfAbsent(address, unseen -> new Latest()).add(time.millis());
    }

    /** When an address' latest attempts were. */
    private static final class Latest {
        /** A ring; a zero is long ago. */
        private final long[] millis = new long[MOST];

        private int oldest;
        private boolean limited;

        Verdict add(long now) {
            boolean over = now - millis[oldest] < PERIOD.toMillis();
            boolean begins = over && !limited;
            millis[oldest] = now;
            oldest = (oldest + 1) % MOST;
            limited = over;
            return over
                    ? new Verdict.Limited(PERIOD.minusMillis(now - millis[oldest]), begins)
                    : new Verdict.Tolerated();
        }
    }
}
