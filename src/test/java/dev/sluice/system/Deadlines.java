package dev.sluice.system;

import java.time.Duration;

/** For how long tests wait for running gateways. */
final class Deadlines {
    /** For what takes as long as it takes. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A second, as promised, and what a busy machine adds to it. */
    static final Duration SOON = Duration.ofMillis(1_500);

    /** What was written before an answer may still be on its way. */
    static final Duration UNDER_WAY = Duration.ofMillis(100);

    private Deadlines() {}
}
