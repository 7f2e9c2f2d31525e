package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @Test
    void readsSeconds() {
        assertThat(RetryAfter.read("120", NOW)).contains(Duration.ofMinutes(2));
    }

    @Test
    void readsADate() {
        assertThat(RetryAfter.read("Tue, 24 Nov 2026 12:00:30 GMT", NOW)).contains(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5", "soon", "1e3", "99999999999", "Tue, 24 Nov 2026 11:59:30 GMT"})
    void leavesOutWhatMakesNoSense(String value) {
        assertThat(RetryAfter.read(value, NOW)).isEmpty();
    }
}
