package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Policy.RateLimit;
import dev.sluice.fleet.SharedRates.Permits;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
    /** A permit each 20 ms, and 5 at once. */
    private static final RateLimit LIMIT = new RateLimit(50, Duration.ofSeconds(1), false);

    private final AtomicLong now = new AtomicLong();

    @Test
    void withoutALimitThereIsNoEndOfPermits() {
        Pace pace = Pace.of("erp", new RateLimit(0, Duration.ofSeconds(1), false), null);
        assertThat(take(pace, 16)).isEqualTo(16);
        assertThat(take(pace, 16)).isEqualTo(16);
        assertThat(pace.takeOne()).isTrue();
        assertThat(pace.untilNext()).isZero();
    }

    @Test
    void whatIsSpentIsNotAskedForBeforeThereIsSomeAgain() {
        Pace pace = pace(new Permits(3, Duration.ZERO), new Permits(0, Duration.ofSeconds(100)));
        assertThat(take(pace, 16)).isEqualTo(3);
        assertThat(pace.untilNext()).isZero();
        assertThat(take(pace, 16)).isZero();
        assertThat(pace.untilNext()).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
        assertThat(pace.takeOne()).isFalse();
        pace.giveBack(1);
        assertThat(pace.untilNext()).isZero();
        assertThat(pace.takeOne()).isTrue();
    }

    @Test
    void whatWasNotUsedIsTakenFirst() {
        Pace pace = pace(new Permits(3, Duration.ZERO), new Permits(2, Duration.ZERO));
        assertThat(take(pace, 3)).isEqualTo(3);
        pace.giveBack(2);
        assertThat(pace.takeOne()).isTrue();
        assertThat(take(pace, 3)).isOne();
        assertThat(take(pace, 3)).isEqualTo(2);
    }

    @Test
    void noMoreIsKeptThanMayGoAtOnceAndNotForLong() {
        Pace pace = pace(new Permits(16, Duration.ZERO));
        take(pace, 16);
        pace.giveBack(16);
        assertThat(take(pace, 16)).isEqualTo(LIMIT.burst());
        pace.giveBack(2);
        now.addAndGet(LIMIT.step().multipliedBy(LIMIT.burst() + 1).toNanos());
        assertThat(pace.takeOne()).isFalse();
    }

    /** One whose source has these to give, one after the other. */
    private Pace pace(Permits... source) {
        Iterator<Permits> next = List.of(source).iterator();
        return new Pace(LIMIT, wanted -> Uni.createFrom().item(next.next()), now::get);
    }

    private static int take(Pace pace, int wanted) {
        return pace.take(wanted).await().atMost(Duration.ofSeconds(5));
    }
}
