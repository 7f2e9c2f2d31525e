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
        assertThat(check.overlaps()).isEmpty();
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
        assertThat(check(took(0, 1, 4), took(1, 3, 5), took(2, 6, 7)).overlaps())
                .singleElement()
                .asString()
                .startsWith("two in flight");
    }

    @Test
    void catchesOneBeforeItsPredecessorsSuccess() {
        assertThat(check(failed(0, 1, 2), took(1, 3, 4)).overlaps())
                .singleElement()
                .asString()
                .startsWith("before its predecessor");
    }

    @Test
    void catchesAnOlderOneAfterANewerOne() {
        assertThat(check(took(0, 1, 2), took(1, 3, 4), took(0, 5, 6), took(2, 7, 8))
                        .overlaps())
                .singleElement()
                .asString()
                .startsWith("after a newer one");
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
        Arrival forged = new Arrival(new Message("o", 0), 7, 1, 2, 200, false, "");
        assertThat(new ArrivalCheck(List.of(sent(0, 100)), List.of(forged)).violations())
                .anyMatch(violation -> violation.startsWith("wrong signature"))
                .anyMatch(violation -> violation.startsWith("delivered under another sequence"));
    }

    private static ArrivalCheck check(Arrival... arrivals) {
        return new ArrivalCheck(SENT, List.of(arrivals));
    }

    private static Sent sent(int number, long sequence) {
        return new Sent(new Message("o", number), "id-" + sequence, sequence, "accepted");
    }

    private static Arrival took(int number, long began, long ended) {
        return new Arrival(new Message("o", number), 100 + number, began, ended, 200, true, "");
    }

    private static Arrival failed(int number, long began, long ended) {
        return new Arrival(new Message("o", number), 100 + number, began, ended, 500, true, "");
    }
}
