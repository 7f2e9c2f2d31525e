package dev.sluice.lane;

import java.util.List;

/** What became of an event that was offered to the store. */
public sealed interface Acceptance {
    /** The id under which the event was first accepted. */
    String id();

    /** The sequence under which it was first accepted. */
    long sequence();

    /**
     * It was accepted before, within its dedup window, and nothing was done.
     */
    record Duplicate(String id, long sequence) implements Acceptance {}

    /**
     * It is numbered and remembered, and in the lanes of all its recipients unless it was dropped.
     *
     * @param partition where its lanes are
     * @param freshness whether it came too late
     * @param leased the lanes that were idle and are now this gateway's to deliver
     * @param ready the targets whose lane was idle and is free for any gateway to claim
     * @param setAside the targets for which it is a dead letter at once, because they were full
     * @param superseding the targets for which it has taken the place of an older one
     */
    record Accepted(
            String id,
            long sequence,
            int partition,
            Freshness freshness,
            List<Leased> leased,
            List<String> ready,
            List<String> setAside,
            List<String> superseding)
            implements Acceptance {}

    /** How an event compares with those of its ordering key and type that were accepted before it. */
    enum Freshness {
        /** None is known to be newer. */
        FRESH,
        /** One is newer; it is delivered all the same, and says so. */
        STALE,
        /** One is newer, and so it went into no lane. */
        DROPPED
    }
}
