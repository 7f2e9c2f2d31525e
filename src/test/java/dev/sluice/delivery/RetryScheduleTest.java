package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static final RetrySchedule PROVIDER = new RetrySchedule.Growing(Duration.ofSeconds(1), 2, DAY, DAY, 0.1);

    @Test
    void doublesFromOneSecond() {
        assertThat(delays(PROVIDER).subList(0, 6)).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L);
    }

    @Test
    void usesUpTheWindowAndNoMore() {
        assertThat(delays(PROVIDER).stream().mapToLong(Long::longValue).sum()).isEqualTo(DAY.toMillis());
    }

    @Test
    void neverWaitsLongerThanTheLongestDelay() {
        RetrySchedule capped =
                new RetrySchedule.Growing(Duration.ofSeconds(1), 2, Duration.ofSeconds(5), Duration.ofMinutes(1), 0);
        assertThat(delays(capped))
                .startsWith(1_000L, 2_000L, 4_000L, 5_000L, 5_000L)
                .allMatch(delay -> delay <= 5_000);
    }

    @Test
    void jitterOnlyLengthens() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            assertThat(PROVIDER.jittered(Duration.ofSeconds(10), random))
                    .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
        }
    }

    @Test
    void aPauseTheTargetAskedForIsKeptWithinItsOwnDelayAndWhatIsLeftOfTheWindow() {
        RetrySchedule minute = new RetrySchedule.Growing(Duration.ofSeconds(1), 2, DAY, Duration.ofSeconds(60), 0);
        Duration own = Duration.ofSeconds(4);
        assertThat(minute.clamp(Duration.ofSeconds(20), own, 3)).hasSeconds(20);
        assertThat(minute.clamp(Duration.ofSeconds(1), own, 3)).hasSeconds(4);
        assertThat(minute.clamp(Duration.ofHours(1), own, 3)).hasSeconds(57);
    }

    @Test
    void whatIsLeftOfTheWindowIsWhatTheDelaysBeforeLeft() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            RetrySchedule.Growing any = new RetrySchedule.Growing(
                    Duration.ofMillis(1 + random.nextInt(5_000)),
                    random.nextBoolean() ? 1 : 1 + random.nextInt(4),
                    Duration.ofMillis(1 + random.nextInt(20_000)),
                    Duration.ofSeconds(1 + random.nextInt(60)),
                    0);
            long left = any.window().toMillis();
            List<Long> delays = delays(any);
            for (int attempt = 1; attempt <= delays.size(); attempt++) {
                assertThat(any.clamp(DAY, Duration.ZERO, attempt)).hasMillis(left);
                left -= delays.get(attempt - 1);
            }
            assertThat(left).isZero();
        }
    }

    @Test
    void anAttemptFarOutInAWindowOfManyIsReckonedWithoutWalkingThere() {
        RetrySchedule dense = new RetrySchedule.Growing(Duration.ofMillis(1), 1, DAY, DAY, 0);
        assertThat(dense.delayAfter(86_400_000)).hasValue(Duration.ofMillis(1));
        assertThat(dense.delayAfter(86_400_001)).isEmpty();
    }

    @Test
    void listedDelaysAreTakenOneByOneAndAreTheWindow() {
        RetrySchedule listed = new RetrySchedule.Listed(
                List.of(Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofMinutes(1)), 0);
        assertThat(delays(listed)).containsExactly(5_000L, 300_000L, 60_000L);
        assertThat(listed.clamp(Duration.ofHours(1), Duration.ofMinutes(5), 2)).hasMinutes(6);
    }

    private static List<Long> delays(RetrySchedule schedule) {
        List<Long> delays = new ArrayList<>();
        Optional<Duration> delay = schedule.delayAfter(1);
        while (delay.isPresent()) {
            delays.add(delay.get().toMillis());
            delay = schedule.delayAfter(delays.size() + 1);
        }
        return delays;
    }
}
