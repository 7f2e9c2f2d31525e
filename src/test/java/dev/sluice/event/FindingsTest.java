package dev.sluice.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.JsonValue.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FindingsTest {
    private static final Set<String> PLACE = Set.of("/data/x");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'data':{'x':'a\\u0062'}}|STRING|ab",
                "{'data':{'x':''}}|STRING|''",
                "{'data':{'x':1.10}}|NUMBER|1.10",
                "{'data':{'x':-0}}|NUMBER|-0",
                "{'data':{'x':true}}|BOOLEAN|true",
                "{'data':{'x':{'x':1}}}|STRUCTURE|''",
                "{'data':{'x':[]}}|STRUCTURE|''",
                "{'data':{'x':1},'data':{'y':0,'x':2}}|NUMBER|1",
                "{'data':{'x':1,'x':null}}|NUMBER|1"
            })
    void areTheValuesAsTheyAreWritten(String body, Kind kind, String text) {
        assertThat(Bodies.findings(body, PLACE).at(PLACE).orElseThrow())
                .containsExactlyEntriesOf(Map.of("/data/x", new JsonValue(kind, text.equals("''") ? "" : text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "1",
                "{'data':{'x':null}}",
                "{'data':{'x':null,'x':1}}",
                "{'data':{},'data':{'x':1}}",
                "{'data':3,'data':{'x':1}}",
                "{'x':1,'data':[{'x':1}]}"
            })
    void nullIsNothingAndOfANameThatStandsTwiceTheFirstOneCounts(String body) {
        assertThat(Bodies.findings(body, PLACE).at(PLACE)).hasValue(Map.of());
    }

    @Test
    void placesMayLieWithinEachOther() {
        Set<String> places = Set.of("/a", "/a/0", "/a/1/b", "/c");
        assertThat(Bodies.findings("{'a':[1,{'b':2}],'c':3,'a':[4,{'b':5}]}", places)
                        .at(places))
                .hasValue(Map.of(
                        "/a", new JsonValue(Kind.STRUCTURE, ""),
                        "/a/0", new JsonValue(Kind.NUMBER, "1"),
                        "/a/1/b", new JsonValue(Kind.NUMBER, "2"),
                        "/c", new JsonValue(Kind.NUMBER, "3")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x=1", "{'data':{'y':1}", "{'data':{'y':1}} {}"})
    void whatIsNotJsonHoldsNothingAndIsAnEventAllTheSameWhereItsPartsStandInHeaders(String body) {
        assertThat(Bodies.findings(body, PLACE).at(PLACE)).isEmpty();
        assertThat(Bodies.findings(body, Set.of()).at(PLACE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'data':{'x':1}", "{'data':{'x':1}} {}", "{'data':{'x':1,", "{'data':{'x':1}}x"})
    void whatFollowsIsNotLookedAt(String body) {
        assertThat(Bodies.findings(body, PLACE).at(PLACE)).hasValue(Map.of("/data/x", new JsonValue(Kind.NUMBER, "1")));
    }

    @Test
    void nestedTooDeeplyIsNoJson() {
        assertThat(Bodies.findings("{'data':{'y':" + "[".repeat(2_000), PLACE).at(PLACE))
                .isEmpty();
    }

    @Test
    void comeWithTheEventOutOfOnePass() {
        Findings findings = Bodies.findings("{'a':1,'b':2}", Set.of("/a", "/b"));
        assertThat(findings.at(Set.of("/a")).orElseThrow())
                .isSameAs(findings.at(Set.of("/b")).orElseThrow());
    }

    @Test
    void aPlaceAtWhichNobodyLookedThenIsLookedAtAfterwards() {
        Findings findings = Bodies.findings("{'a':1,'b':2}", Set.of("/a"));
        assertThat(findings.at(Set.of("/a", "/b")))
                .hasValue(Map.of("/a", new JsonValue(Kind.NUMBER, "1"), "/b", new JsonValue(Kind.NUMBER, "2")));
    }

    @Test
    void whatOthersWantToKnowChangesWhileEventsAreRead() {
        EventReader reader = new EventReader(
                "s",
                new ReadingRules(
                        List.of(new Place.Pointer("/data/x")),
                        List.of(),
                        Ordering.SOURCE,
                        List.of(),
                        MissingKey.UNREADABLE,
                        List.of(),
                        List.of()));
        byte[] body = "{\"data\":{\"x\":\"E\",\"y\":1}}".getBytes(UTF_8);
        for (Set<String> others : List.of(PLACE, Set.of("/data/y"), new HashSet<>(PLACE), Set.<String>of())) {
            Reading.Understood read = (Reading.Understood) reader.read(name -> null, body, others);
            assertThat(read.event().type()).isEqualTo("E");
            assertThat(read.findings().at(others).orElseThrow().keySet()).containsAll(others);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e999999999",
                "1e-999999999",
                "1e99999999999999999999",
                "1e10000",
                "01",
                "+1",
                " 1",
                "1.",
                "0x1",
                "NaN",
                ""
            })
    void aNumberIsWrittenAsJsonWritesItAndNotTooLarge(String text) {
        assertThat(JsonValue.number(text)).isEmpty();
    }

    @Test
    void aNumberIsExact() {
        String longest = "1." + "1".repeat(98);
        assertThat(JsonValue.number(longest).orElseThrow()).hasToString(longest);
        assertThat(JsonValue.number(longest + "1")).isEmpty();
        assertThat(JsonValue.number("-12.50e+2").orElseThrow()).isEqualByComparingTo("-1250");
    }
}
