package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.target.WebhookSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SharedSlotsTest {
    private static final int SIZE = 100;

    private final SharedSlots shared = new SharedSlots(
            new WebhookSettings(true, Set.of(), Set.of(), Set.of(), Duration.ZERO, SIZE, Optional.empty()));
    private final Queue<Slots> turns = new ArrayDeque<>();

    @Test
    void manyThatAreSlowLeaveSomeToOneThatHasNone() {
        List<Slots> slow = IntStream.range(0, SIZE / 2).mapToObj(i -> slots(64)).toList();
        for (Slots each : slow) {
            while (each.take(16) > 0) {
                assertThat(each.taken()).isLessThanOrEqualTo(SIZE / 2);
            }
            assertThat(each.taken()).isPositive();
        }
        assertThat(slots(64).take(16)).isOne();
    }

    @Test
    void thoseThatComeTogetherShareEvenly() {
        List<Slots> slow = IntStream.range(0, 8).mapToObj(i -> slots(64)).toList();
        for (int round = 0; round < 64; round++) {
            slow.forEach(each -> each.take(1));
        }
        assertThat(slow)
                .extracting(Slots::taken)
                .allSatisfy(taken -> assertThat(taken).isBetween(5, 7));
    }

    @Test
    void whoFindsNoneFreeGetsOneInTurnAndNobodyOvertakes() {
        List<Slots> holders = IntStream.range(0, SIZE).mapToObj(i -> slots(64)).toList();
        assertThat(holders).allSatisfy(each -> assertThat(each.take(1)).isOne());
        Slots first = slots(64);
        Slots second = slots(64);
        assertThat(first.takeOrWait(16)).isZero();
        assertThat(second.takeOrWait(16)).isZero();
        assertThat(first.takeOrWait(16)).isZero();
        assertThat(first.areWanted()).isTrue();

        holders.get(0).give(1);
        assertThat(slots(64).take(1)).isZero();
        assertThat(turns).containsExactly(first);
        assertThat(first.takeTurn()).isTrue();
        assertThat(first.taken()).isOne();
        first.give(1);
        assertThat(turns).containsExactly(first, second);
        second.passTurn();
        assertThat(slots(64).take(1)).isOne();
        assertThat(first.areWanted()).isFalse();
    }

    @Test
    void noneHasMoreThanItMayWhenItsTurnComesLate() {
        List<Slots> holders = IntStream.range(0, SIZE).mapToObj(i -> slots(64)).toList();
        assertThat(holders).allSatisfy(each -> assertThat(each.take(1)).isOne());
        Slots narrow = slots(1);
        assertThat(narrow.takeOrWait(1)).isZero();
        holders.get(0).give(1);
        holders.get(1).give(1);
        assertThat(narrow.take(1)).isOne();
        assertThat(narrow.takeTurn()).isFalse();
        assertThat(narrow.taken()).isOne();
        assertThat(slots(64).take(1)).isOne();
    }

    @Test
    void whateverIsTakenAndGivenComesBack() {
        Random random = new Random(7);
        List<Slots> all = Stream.generate(() -> slots(5)).limit(200).toList();
        for (int step = 0; step < 2_000; step++) {
            Slots one = all.get(random.nextInt(all.size()));
            switch (random.nextInt(3)) {
                case 0 -> one.take(1 + random.nextInt(3));
                case 1 -> one.takeOrWait(1 + random.nextInt(3));
                default -> one.give(random.nextInt(one.taken() + 1));
            }
            while (!turns.isEmpty()) {
                turns.remove().takeTurn();
            }
            assertThat(all).allSatisfy(each -> assertThat(each.taken()).isBetween(0, 5));
        }
        for (Slots each : all) {
            each.give(each.taken());
            while (!turns.isEmpty()) {
                turns.remove().passTurn();
            }
        }
        assertThat(all.get(0).areWanted()).isFalse();
        assertThat(Stream.generate(() -> slots(1)).limit(SIZE + 1).mapToInt(each -> each.take(1)))
                .containsOnlyOnce(0)
                .endsWith(0);
    }

    private Slots slots(int most) {
        Slots[] made = new Slots[1];
        made[0] = new Slots(most, shared, () -> turns.add(made[0]));
        return made[0];
    }
}
