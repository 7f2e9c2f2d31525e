package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The check itself: right logs pass, and each broken rule is caught. */
class ArrivalCheckTest {
    private static final List<Sent> SENT = List.of(sent(0, 100), sent(1, 101), sent(2, 102));

    @Test
    void aRightLogPasses() {
        ArrivalCheck check = check(took(0, 1, 2), failed(1, 3, 4), took(1, 5, 6), took(2, 7, 8));
        assertThat(check.violations()).isEmpty();
        assertThat(check.hits()).isEmpty();
        assertThat(check.doubles()).isEmpty();
    }

    @Test
    void catchesALostEvent() {
        assertThat(check(took(0, 1, 2), took(1, 3, 4), failed(2, 5, 6)).violations())
                .singleElement()
                .asString()
                .startsWith("lost");
    }

    @Test
    void catchesAnOvertakenEvent() {
        assertThat(check(took(0, 1, 2), took(2, 3, 4), took(1, 5, 6)).violations())
                .singleElement()
                .asString()
                .startsWith("overtaken");
    }

    @Test
    void catchesTwoInFlight() {
        assertThat(check(failed(0, 1, 4), took(0, 3, 5), took(1, 6, 7), took(2, 8, 9))
                        .hits())
                .extracting(Hit::rule)
                .containsExactly("two in flight");
    }

    @Test
    void catchesOneThatIsInFlightBesideOneThatBeganLongBefore() {
        assertThat(check(failed(0, 1, 20), took(0, 2, 3), took(1, 4, 5), took(2, 21, 22))
                        .hits())
                .extracting(hit -> hit.second().message().number())
                .containsExactly(0, 1);
    }

    @Test
    void catchesOneBeforeItsPredecessorsSuccess() {
        assertThat(check(failed(0, 1, 2), took(1, 3, 4)).hits())
                .extracting(Hit::rule)
                .containsExactly("before its predecessor's 2xx");
    }

    @Test
    void catchesAnOlderOneAfterANewerOne() {
        assertThat(check(took(0, 1, 2), took(1, 3, 4), took(0, 5, 6), took(2, 7, 8))
                        .hits())
                .extracting(Hit::rule)
                .containsExactly("an older one after a newer one");
        // Also one that failed.
        assertThat(check(took(0, 1, 2), failed(1, 3, 4), failed(0, 5, 6), took(1, 7, 8), took(2, 9, 10))
                        .hits())
                .extracting(Hit::rule)
                .containsExactly("an older one after a newer one");
    }

    @Test
    void onlyWhatAStoppedGatewayWasAtIsExplained() {
        long second = 1_000_000_000L;
        Arrival stopped = arrival(0, 1 * second, 9 * second, 0, "a");
        Arrival successor = arrival(0, 7 * second, 8 * second, 200, "b");
        ArrivalCheck check =
                check(stopped, successor, took(1, 20 * second, 21 * second), took(2, 22 * second, 23 * second));
        assertThat(check.hits()).hasSize(1);
        assertThat(check.hits(List.of(new Stop("a", 2 * second, 9 * second)))).isEmpty();
        assertThat(check.hits(List.of(new Stop("c", 2 * second, 9 * second)))).hasSize(1);
        assertThat(check.hits(List.of(new Stop("a", 10 * second, 12 * second)))).hasSize(1);
        // Stopped before the write: it is there as soon as the process goes on, and no later.
        assertThat(check.hits(List.of(new Stop("b", 1 * second, 7 * second - 1))))
                .isEmpty();
        assertThat(check.hits(List.of(new Stop("b", 1 * second, 4 * second)))).hasSize(1);
    }

    @Test
    void catchesAnotherId() {
        Arrival other = new Arrival(new Message("o", 0), "other", 100, 1, 2, 200, true, "");
        assertThat(new ArrivalCheck(List.of(sent(0, 100)), List.of(other)).violations())
                .singleElement()
                .asString()
                .startsWith("delivered under another id");
    }

    @Test
    void catchesDoubles() {
        assertThat(check(took(0, 1, 2), took(0, 3, 4), took(1, 5, 6), took(2, 7, 8))
                        .doubles())
                .hasSize(1);
    }

    @Test
    void catchesAGapInTheSequences() {
        assertThat(new ArrivalCheck(List.of(sent(0, 100), sent(1, 102)), List.of(took(0, 1, 2))).violations())
                .anyMatch(violation -> violation.startsWith("a gap"));
    }

    @Test
    void catchesCopiesThatWereAnsweredDifferently() {
        assertThat(new ArrivalCheck(List.of(sent(0, 100), sent(0, 101)), List.of(took(0, 1, 2))).violations())
                .anyMatch(violation -> violation.startsWith("answered differently"))
                .anyMatch(violation -> violation.startsWith("accepted twice"));
    }

    @Test
    void catchesAWrongSignatureAndAWrongSequence() {
        Arrival forged = new Arrival(new Message("o", 0), "id-0", 7, 1, 2, 200, false, "");
        assertThat(new ArrivalCheck(List.of(sent(0, 100)), List.of(forged)).violations())
                .anyMatch(violation -> violation.startsWith("wrong signature"))
                .anyMatch(violation -> violation.startsWith("delivered under another sequence"));
    }

    private static ArrivalCheck check(Arrival... arrivals) {
        return new ArrivalCheck(SENT, List.of(arrivals));
    }

    private static Sent sent(int number, long sequence) {
        return new Sent(new Message("o", number), "id-" + number, sequence, "accepted", 0);
    }

    private static Arrival took(int number, long began, long ended) {
        return arrival(number, began, ended, 200, "");
    }

    private static Arrival failed(int number, long began, long ended) {
        return arrival(number, began, ended, 500, "");
    }

    private static Arrival arrival(int number, long began, long ended, int status, String gateway) {
        return new Arrival(new Message("o", number), "id-" + number, 100 + number, began, ended, status, true, gateway);
    }
}
