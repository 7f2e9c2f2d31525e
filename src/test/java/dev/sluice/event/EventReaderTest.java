package dev.sluice.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Place.Header;
import dev.sluice.event.Place.Pointer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
    private static final List<Place> TYPE = List.of(new Pointer("/event"));
    private static final List<Place> KEYS = List.of(new Pointer("/data/orderId"), new Pointer("/data/id"));

    @Test
    void readsTheProvidersEvent() {
        Event event =
                event("{\"event\":\"PAID\",\"timestamp\":\"2025-07-08T12:34:56Z\",\"data\":{\"orderId\":\"o-1\"}}");
        assertThat(event.type()).isEqualTo("PAID");
        assertThat(event.timestamp()).isEqualTo("2025-07-08T12:34:56Z");
        assertThat(event.orderingKey()).isEqualTo(OrderingKey.entity("o-1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'event':'E','data':{'id':7}}|7",
                "{'event':'E','data':{'id':12345678901234567890}}|12345678901234567890",
                "{'event':'E','data':{'id':1.10}}|1.10",
                "{'event':'E','data':{'orderId':null,'id':'b'}}|b",
                "{'event':'E','data':{'orderId':'','id':'b'}}|b",
                "{'event':'E','data':{'orderId':{'x':1},'id':'b'}}|b",
                "{'event':'E','data':{'id':'b','orderId':'a'}}|a",
                "{'data':{'more':[[{'id':1}]],'id':true},'event':'E'}|true",
                "{'event':'E','data':{'orderId':'a'},'data':{'id':'b'}}|a"
            })
    void takesTheFirstPlaceThatHoldsAValueAsItIsWritten(String body, String key) {
        assertThat(event(body.replace('\'', '"')).orderingKey()).isEqualTo(OrderingKey.entity(key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event\":\"E\",\"a\":\"1\"",
                "{\"event\":\"E\",\"a\":\"\",\"b\":1}",
                "{\"event\":\"E\",\"a\":[2],\"b\":1}",
                "{\"b\":1,\"a\":null,\"event\":\"E\"}"
            })
    void readsNoFurtherThanThePlacesThatCount(String body) {
        ReadingRules rules = new ReadingRules(
                List.of(new Place.Pointer("/event")),
                List.of(),
                Ordering.ENTITY,
                List.of(new Place.Pointer("/a"), new Place.Pointer("/b")),
                MissingKey.UNREADABLE,
                List.of(),
                List.of());
        assertThat(read(rules, body).orderingKey()).isEqualTo(OrderingKey.entity("1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}x",
                "{\"event\":\"E\"}{}",
                "event=E",
                "{\"event\":\"E\",}",
                "{\"event\":\"\\x\"}"
            })
    void whatIsNotJsonIsUnreadable(String body) {
        assertThat(unreadable(rules(MissingKey.UNREADABLE), body).reason()).isEqualTo("not JSON");
    }

    @Test
    void deeplyNestedJsonIsUnreadableAndNothingWorse() {
        String deep = "{\"event\":" + "[".repeat(100_000);
        assertThat(unreadable(rules(MissingKey.UNREADABLE), deep).reason()).isEqualTo("nested too deeply");
    }

    @Test
    void longNumbersAndNamesAreReadLikeAnyOther() {
        String number = "1".repeat(5_000);
        String body = "{\"" + "n".repeat(60_000) + "\":" + number + ",\"event\":\"E\",\"data\":{\"id\":7}}";
        assertThat(event(body).orderingKey()).isEqualTo(OrderingKey.entity("7"));
        assertThat(event("{\"event\":\"E\",\"data\":{\"id\":" + number + "}}")
                        .orderingKey()
                        .text())
                .startsWith("k:#");
    }

    @Test
    void tellsWhichPointersFailed() {
        assertThat(unreadable(rules(MissingKey.UNREADABLE), "{\"event\":\"E\"}").reason())
                .isEqualTo("no ordering key at /data/orderId, /data/id");
        assertThat(unreadable(rules(MissingKey.UNREADABLE), "[1]").reason()).isEqualTo("no event type at /event");
    }

    @Test
    void aTypeThatCouldBreakAHeaderIsUnreadable() {
        assertThat(unreadable(rules(MissingKey.UNREADABLE), "{\"event\":\"E\\r\\nX: y\"}")
                        .reason())
                .contains("printable");
    }

    @Test
    void aMissingKeyCanFallBackToTheTypeOrToNoOrder() {
        assertThat(read(rules(MissingKey.EVENT_TYPE), "{\"event\":\"E\"}").orderingKey())
                .isEqualTo(OrderingKey.type("E"));
        assertThat(read(rules(MissingKey.NONE), "{\"event\":\"E\"}")
                        .orderingKey()
                        .isAlone())
                .isTrue();
    }

    @Test
    void aKeyAndATypeOfTheSameNameAreNotInOneLine() {
        assertThat(OrderingKey.entity("E")).isNotEqualTo(OrderingKey.type("E"));
        assertThat(OrderingKey.entity("E").isAlone()).isFalse();
    }

    @Test
    void aLongKeyIsKnownByItsHash() {
        String text = event("{\"event\":\"E\",\"data\":{\"id\":\"" + "x".repeat(5_000) + "\"}}")
                .orderingKey()
                .text();
        assertThat(text).startsWith("k:#").hasSizeLessThan(60);
        String longest = "x".repeat(128);
        assertThat(event("{\"event\":\"E\",\"data\":{\"id\":\"" + longest + "\"}}")
                        .orderingKey())
                .isEqualTo(OrderingKey.entity(longest));
    }

    @Test
    void readsHeadersWithoutLookingAtTheBody() {
        ReadingRules github = new ReadingRules(
                List.of(new Header("X-GitHub-Event")),
                List.of(),
                Ordering.SOURCE,
                List.of(),
                MissingKey.UNREADABLE,
                List.of(new Header("X-GitHub-Delivery")),
                List.of());
        Map<String, String> headers = Map.of("X-GitHub-Event", "push", "X-GitHub-Delivery", "1");
        Reading reading = new EventReader("github", github).read(headers::get, "no json".getBytes(UTF_8), Set.of());
        Event event = ((Reading.Understood) reading).event();
        assertThat(event.type()).isEqualTo("push");
        assertThat(event.dedupId()).isEqualTo(DedupId.ofSenderId("github", "1"));
    }

    @Test
    void aRetryIsRecognisedByItsBytesAndOnlyWithinItsSource() {
        byte[] body = "{}".getBytes(UTF_8);
        assertThat(DedupId.ofBody("a", body)).isEqualTo(DedupId.ofBody("a", body.clone()));
        assertThat(DedupId.ofBody("a", body)).isNotEqualTo(DedupId.ofBody("b", body));
        assertThat(DedupId.ofBody("a", body)).isNotEqualTo(DedupId.ofSenderId("a", "{}"));
        assertThat(DedupId.ofBody("a", body).bytes()).hasSize(14);
    }

    @Test
    void findsWhatStandsInArraysAndBehindEscapedNames() {
        ReadingRules rules = new ReadingRules(
                List.of(new Pointer("/items/1/a~1b~0c")),
                List.of(),
                Ordering.SOURCE,
                List.of(),
                MissingKey.UNREADABLE,
                List.of(),
                List.of());
        String body = "{\"items\":[{\"a/b~c\":\"0\"},{\"x\":[1,{}],\"a/b~c\":\"1\"},{\"a/b~c\":\"2\"}]}";
        assertThat(read(rules, body).type()).isEqualTo("1");
        assertThat(unreadable(rules, "{\"items\":[{\"a/b~c\":\"0\"}]}").reason())
                .isEqualTo("no event type at /items/1/a~1b~0c");
    }

    @Test
    void anEventNeedsTheIdByWhichItsSenderKnowsIt() {
        ReadingRules rules = new ReadingRules(
                TYPE,
                List.of(),
                Ordering.SOURCE,
                List.of(),
                MissingKey.UNREADABLE,
                List.of(new Pointer("/id"), new Header("X-Id")),
                List.of());
        assertThat(unreadable(rules, "{\"event\":\"E\"}").reason()).isEqualTo("no dedup id at /id, header:X-Id");
    }

    @Test
    void typesAndTimestampsHaveALengthAndALongTimestampIsLeftOut() {
        assertThat(event("{\"event\":\"" + "E".repeat(256) + "\",\"data\":{\"id\":1}}")
                        .type())
                .hasSize(256);
        assertThat(unreadable(rules(MissingKey.UNREADABLE), "{\"event\":\"" + "E".repeat(257) + "\"}")
                        .reason())
                .contains("at most 256 characters");
        assertThat(timestamp("T".repeat(64))).hasSize(64);
        assertThat(timestamp("T".repeat(65))).isNull();
        assertThat(timestamp(" ~")).isEqualTo(" ~");
        assertThat(timestamp("\u007f")).isNull();
        assertThat(timestamp("\\u001f")).isNull();
    }

    @Test
    void passesOnAWellFormedTraceparentOnly() {
        String good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assertThat(traceparent(good)).isEqualTo(good);
        assertThat(traceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"))
                .isNull();
        assertThat(traceparent("garbage")).isNull();
    }

    private static String timestamp(String text) {
        return event("{\"event\":\"E\",\"timestamp\":\"" + text + "\",\"data\":{\"id\":1}}")
                .timestamp();
    }

    private static String traceparent(String header) {
        Reading reading = new EventReader("s", rules(MissingKey.NONE))
                .read(Map.of("traceparent", header)::get, "{\"event\":\"E\"}".getBytes(UTF_8), Set.of());
        return ((Reading.Understood) reading).event().content().traceparent();
    }

    private static Event event(String body) {
        return read(rules(MissingKey.UNREADABLE), body);
    }

    private static Event read(ReadingRules rules, String body) {
        return ((Reading.Understood) new EventReader("s", rules).read(name -> null, body.getBytes(UTF_8), Set.of()))
                .event();
    }

    private static Reading.Unreadable unreadable(ReadingRules rules, String body) {
        return (Reading.Unreadable) new EventReader("s", rules).read(name -> null, body.getBytes(UTF_8), Set.of());
    }

    private static ReadingRules rules(MissingKey missing) {
        return new ReadingRules(
                TYPE, List.of(new Pointer("/timestamp")), Ordering.ENTITY, KEYS, missing, List.of(), List.of());
    }
}
