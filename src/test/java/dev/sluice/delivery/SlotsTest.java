package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlotsTest {
    @Test
    void whereLanesWaitNewcomersHaveWhatIsLeftToThemAndNoMore() {
        Slots slots = slots(16);
        assertThat(slots.takeForNewcomer(true)).isTrue();
        assertThat(slots.takeForNewcomer(true)).isTrue();
        assertThat(slots.takeForNewcomer(true)).isFalse();
        slots.giveNewcomer();
        assertThat(slots.takeForNewcomer(true)).isTrue();
        assertThat(slots.takeForNewcomer(true)).isFalse();
        assertThat(slots.taken()).isEqualTo(2);
    }

    @Test
    void whereNoLaneWaitsNewcomersMayHaveAll() {
        Slots slots = slots(16);
        for (int i = 0; i < 16; i++) {
            assertThat(slots.takeForNewcomer(false)).isTrue();
        }
        assertThat(slots.takeForNewcomer(false)).isFalse();
    }

    @Test
    void lanesThatAreClaimedLeaveSomeToNewcomersHoweverManyOfThoseThereAre() {
        Slots slots = slots(16);
        assertThat(slots.leftToClaim()).isEqualTo(14);
        slots.takeForNewcomer(true);
        assertThat(slots.leftToClaim()).isEqualTo(14);
        assertThat(slots.takeOrWait(slots.leftToClaim())).isEqualTo(14);
        assertThat(slots.leftToClaim()).isZero();
        assertThat(slots.takeForNewcomer(true)).isTrue();
        slots.give(14);
        assertThat(slots.leftToClaim()).isEqualTo(14);
    }

    @Test
    void ofFewNoneIsLeftToNewcomers() {
        Slots slots = slots(7);
        assertThat(slots.leftToClaim()).isEqualTo(7);
        assertThat(slots.takeForNewcomer(true)).isFalse();
        assertThat(slots.takeForNewcomer(false)).isTrue();
    }

    private static Slots slots(int most) {
        return new Slots(most, null, () -> {});
    }
}
