package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** Signals to processes. */
public final class Signals {
    private Signals() {}

    /** Sends one, named without {@code SIG}. */
    public static void send(String name, long pid) throws IOException, InterruptedException {
        int ended = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .start()
                .waitFor();
        assertThat(ended).isZero();
    }
}
