package dev.sluice.delivery;

/**
 * How many lanes of a target may be delivered at once after it was held: first a few, to see how it is; when those have
 * succeeded one more with each success, so that what waited does not fall upon it together. Lives on one event loop, but for
 * {@link #room}.
 */
final class Ramp {
    private final int probes;
    private final int most;
    private int toSucceed;
    private volatile int limit;

    /** Makes one that holds nothing back.
     *
     * @param probes how many attempts have to succeed before there are more at once
     * @param most from how many at once on it holds nothing back
     */
    Ramp(int probes, int most) {
        this.probes = Math.min(probes, most);
        this.most = most;
        this.limit = most;
    }

    /** The target is held: afterwards it begins anew. */
    void restart() {
        toSucceed = probes;
        limit = probes;
    }

    /** How many more may be delivered at once than are by now. From any thread. */
    int room(int now) {
        return Math.max(0, limit - now);
    }

    /** Whether it is still to be seen how the target is. */
    boolean isProbing() {
        return toSucceed > 0;
    }

    /** An attempt has shown the target to be well. */
    void succeeded() {
        if (toSucceed > 0) {
            toSucceed--;
            limit = toSucceed > 0 ? toSucceed : probes;
        } else {
            limit = Math.min(limit + 1, most);
        }
    }
}
