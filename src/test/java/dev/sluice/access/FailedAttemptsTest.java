package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.FailedAttempts.Verdict;
import dev.sluice.access.FailedAttempts.Verdict.Limited;
import dev.sluice.access.FailedAttempts.Verdict.Tolerated;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {
    private static final String HERE = "10.0.0.1";

    private final SettableClock clock = new SettableClock();
    private final FailedAttempts attempts = new FailedAttempts(clock);

    @Test
    void twentyWithinAMinuteAreTolerated() {
        for (int i = 0; i < 20; i++) {
            assertThat(attempts.count(HERE)).isEqualTo(new Tolerated());
            clock.pass(Duration.ofSeconds(2));
        }
        // 40 seconds after the first one; the second one will be a minute old 22 seconds from here.
        assertThat(attempts.count(HERE)).isEqualTo(new Limited(Duration.ofSeconds(22), true));
    }

    @Test
    void aRateBelowTheLimitIsToleratedForEver() {
        for (int i = 0; i < 200; i++) {
            assertThat(attempts.count(HERE)).isEqualTo(new Tolerated());
            clock.pass(Duration.ofSeconds(3));
        }
    }

    @Test
    void theLimitLastsAsLongAsTheRateDoes() {
        exhaust(HERE);
        assertThat(attempts.count(HERE)).isEqualTo(new Limited(Duration.ofMinutes(1), true));
        for (int i = 0; i < 200; i++) {
            clock.pass(Duration.ofSeconds(2));
            assertThat(attempts.count(HERE))
                    .isInstanceOfSatisfying(
                            Limited.class,
                            limited -> assertThat(limited.begins()).isFalse());
        }
    }

    @Test
    void whoWaitsAsToldIsTolerated() {
        exhaust(HERE);
        Duration retryIn = ((Limited) attempts.count(HERE)).retryIn();
        clock.pass(retryIn.minusMillis(1));
        assertThat(attempts.count(HERE)).isInstanceOf(Limited.class);
        clock.pass(((Limited) attempts.count(HERE)).retryIn());
        assertThat(attempts.count(HERE)).isEqualTo(new Tolerated());
    }

    @Test
    void aLimitThatComesAgainBeginsAgain() {
        exhaust(HERE);
        attempts.count(HERE);
        clock.pass(Duration.ofMinutes(2));
        exhaust(HERE);
        assertThat(attempts.count(HERE)).isEqualTo(new Limited(Duration.ofMinutes(1), true));
    }

    @Test
    void eachAddressHasALimitOfItsOwn() {
        exhaust(HERE);
        assertThat(attempts.count("10.0.0.2")).isEqualTo(new Tolerated());
        assertThat(attempts.count(HERE)).isInstanceOf(Limited.class);
    }

    @Test
    void forgetsTheQuietestAddressWhenThereAreTooMany() {
        exhaust(HERE);
        exhaust("10.0.0.2");
        for (int i = 0; i < FailedAttempts.MOST_ADDRESSES - 2; i++) {
            attempts.count("address " + i);
        }
        assertThat(attempts.count(HERE)).isInstanceOf(Limited.class);
        attempts.count("one more");
        assertThat(attempts.count(HERE)).isInstanceOf(Limited.class);
        assertThat(attempts.count("10.0.0.2")).isEqualTo(new Tolerated());
    }

    private void exhaust(String address) {
        for (int i = 0; i < FailedAttempts.MOST; i++) {
            Verdict verdict = attempts.count(address);
            assertThat(verdict).isEqualTo(new Tolerated());
        }
    }
}
