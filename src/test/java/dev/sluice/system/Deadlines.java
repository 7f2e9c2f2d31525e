package dev.sluice.system;

import java.time.Duration;

/** How long tests wait for running gateways. */
final class Deadlines {
    /** For a condition that becomes true sooner or later. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** For a request that was written before an answer and is read after it, on a busy machine. */
    static final Duration UNDER_WAY = Duration.ofMillis(300);

    private Deadlines() {}
}
