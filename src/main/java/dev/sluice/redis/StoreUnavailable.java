package dev.sluice.redis;

/**
 * Redis did not do what it was asked to, or nobody knows whether it did: it is away, full, failing over or too slow. Worth
 * another try.
 */
public sealed class StoreUnavailable extends RuntimeException permits Unfit {
    private static final long serialVersionUID = 1L;

    public StoreUnavailable(String message) {
        // It is thrown per request while Redis is away, and its trace would only ever show the event loop.
        super(message, null, false, false);
    }
}
