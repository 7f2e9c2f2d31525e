package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RampTest {
    @Test
    void holdsNothingBackUntilTheTargetWasHeld() {
        Ramp ramp = new Ramp(3, 64);
        assertThat(ramp.room(0)).isEqualTo(64);
        assertThat(ramp.room(64)).isZero();
        assertThat(ramp.isProbing()).isFalse();
        ramp.succeeded();
        assertThat(ramp.room(0)).isEqualTo(64);
    }

    @Test
    void makesAFewProbesAfterAHoldAndThenOneMoreWithEachSuccess() {
        Ramp ramp = new Ramp(3, 6);
        ramp.restart();
        assertThat(ramp.isProbing()).isTrue();
        assertThat(ramp.room(0)).isEqualTo(3);
        assertThat(ramp.room(3)).isZero();
        ramp.succeeded();
        // Two are still under way: no fourth probe.
        assertThat(ramp.room(2)).isZero();
        ramp.succeeded();
        assertThat(ramp.isProbing()).isTrue();
        ramp.succeeded();
        assertThat(ramp.isProbing()).isFalse();
        assertThat(ramp.room(0)).isEqualTo(3);
        for (int more = 4; more <= 6; more++) {
            ramp.succeeded();
            assertThat(ramp.room(0)).isEqualTo(more);
        }
        ramp.succeeded();
        assertThat(ramp.room(0)).isEqualTo(6);
    }

    @Test
    void makesNoMoreProbesThanMayBeUnderWay() {
        Ramp ramp = new Ramp(3, 1);
        ramp.restart();
        assertThat(ramp.room(0)).isOne();
        ramp.succeeded();
        assertThat(ramp.isProbing()).isFalse();
        assertThat(ramp.room(0)).isOne();
    }
}
