package dev.sluice.webhook;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event;
import dev.sluice.event.EventReader;
import dev.sluice.event.MissingKey;
import dev.sluice.event.Ordering;
import dev.sluice.event.OrderingKey;
import dev.sluice.event.Place;
import dev.sluice.event.Reading;
import dev.sluice.event.ReadingRules;
import dev.sluice.webhook.Publication.Faulty;
import dev.sluice.webhook.Publication.Sound;
import dev.sluice.webhook.PublishRequest.Batch;
import dev.sluice.webhook.PublishRequest.Refused;
import dev.sluice.webhook.PublishRequest.Single;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishReaderTest {
    private static final Instant NOW = Instant.parse("2025-07-08T12:34:56.789Z");
    private static final String GOOD = "{\"event\":\"E\",\"data\":1}";
    private static final String NDJSON = "application/x-ndjson";

    @Test
    void recipientsGetEventTimestampAndDataInThisOrder() {
        Sound event = sound("""
                { "orderingKey" : "o-1",
                  "data" : { "id" : 7 },
                  "timestamp" : "2025-01-01T00:00:00+02:00",
                  "event" : "PAID" }""");
        assertThat(text(event.body()))
                .isEqualTo("{\"event\":\"PAID\",\"timestamp\":\"2025-01-01T00:00:00+02:00\",\"data\":{ \"id\" : 7 }}");
        assertThat(event.type()).isEqualTo("PAID");
        assertThat(event.timestamp()).isEqualTo("2025-01-01T00:00:00+02:00");
        assertThat(event.orderingKey()).isEqualTo("o-1");
        assertThat(data(event)).isEqualTo("{ \"id\" : 7 }");
    }

    @Test
    void anEventWithoutTimestampBearsThePresentToTheMillisecond() {
        Sound event = sound(GOOD);
        assertThat(event.timestamp()).isEqualTo("2025-07-08T12:34:56.789Z");
        assertThat(text(event.body()))
                .isEqualTo("{\"event\":\"E\",\"timestamp\":\"2025-07-08T12:34:56.789Z\",\"data\":1}");
        Instant whole = Instant.parse("2025-07-08T12:34:56Z");
        Single later = (Single) new PublishReader().read(null, bytes(GOOD), whole);
        assertThat(((Sound) later.event()).timestamp()).isEqualTo("2025-07-08T12:34:56.000Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e400",
                "-1E+400",
                "1.0",
                "1.00",
                "-0",
                "-0.0e-0",
                "123456789012345678901234567890",
                "true",
                "false",
                "null",
                "\"\"",
                "\"\\u00e9 é \\ud83d\\ude00 😀 \\/ / \\\" \\\\\"",
                "\"\\ud800 half a pair\"",
                "\"\u007f\u2028\"",
                "{}",
                "[]",
                "[ ]",
                "{\"a\":1,\"a\":2,\"a\":{\"event\":\"x\",\"data\":[]}}",
                "{\"z\":1,\"a\":2, \"\":3}",
                "[1 , [2\t,\r\n[3, {\"a\" :\n[ ]}]],\"}\"]"
            })
    void dataStaysByteForByteWhereverItStands(String data) {
        for (String body : List.of(
                "{\"data\":%s,\"event\":\"E\"}",
                "{\"event\":\"E\",\"data\":%s}",
                "{\"event\":\"E\",\"data\":%s,\"orderingKey\":1}",
                " \t\r\n{ \t\r\n\"event\" \t\r\n: \t\r\n\"E\" \t\r\n, \t\r\n\"data\" \t\r\n: \t\r\n%s \t\r\n} \t\r\n")) {
            Sound event = sound(body.formatted(data));
            assertThat(data(event)).isEqualTo(data);
            assertThat(text(event.body()))
                    .isEqualTo("{\"event\":\"E\",\"timestamp\":\"2025-07-08T12:34:56.789Z\",\"data\":" + data + "}");
        }
    }

    @Test
    void eventAndTimestampKeepTheirEscapes() {
        Sound event =
                sound("{\"\\u0065vent\":\"\\u0045\\/\",\"data\":1,\"timestamp\":\"2025-07-08\\u005412:34:56\\u005a\"}");
        assertThat(text(event.body()))
                .isEqualTo("{\"event\":\"\\u0045\\/\",\"timestamp\":\"2025-07-08\\u005412:34:56\\u005a\",\"data\":1}");
        assertThat(event.type()).isEqualTo("E/");
        assertThat(event.timestamp()).isEqualTo("2025-07-08T12:34:56Z");
    }

    @Test
    void nothingInDataIsTooLong() {
        for (String data : List.of(
                '"' + "é\\n".repeat(300_000) + '"',
                "7".repeat(900_000),
                "0." + "7".repeat(900_000) + "e7",
                "{\"" + "n".repeat(900_000) + "\":1}",
                "[" + "1,".repeat(400_000) + "1]")) {
            assertThat(data(sound("{\"data\":" + data + ",\"event\":\"E\"}"))).isEqualTo(data);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'o-1'|o-1",
                "'\\u00e9'|é",
                "7|7",
                "1.00|1.00",
                "1e400|1e400",
                "12345678901234567890|12345678901234567890",
                "true|true",
                "false|false"
            })
    void anOrderingKeyIsTakenAsItIsWritten(String written, String key) {
        String body = "{'event':'E','data':1,'orderingKey':%s}".formatted(written);
        assertThat(sound(body.replace('\'', '"')).orderingKey()).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|/event: it is missing, /data: it is missing",
                "{'event':'','data':1}|/event: it is empty",
                "{'event':7,'data':1}|/event: it is no string",
                "{'event':null,'data':1}|/event: it is no string",
                "{'event':{'data':1},'data':1}|/event: it is no string",
                "{'event':'ORDER_*','data':1}|/event: it holds *, the wildcard of subscriptions",
                "{'event':'é','data':1}|/event: it is not printable ASCII",
                "{'event':'A\\nB','data':1}|/event: it is not printable ASCII",
                "{'event':'\\u007f','data':1}|/event: it is not printable ASCII",
                "{'event':'E','data':1,'timestamp':17}|/timestamp: it is no string",
                "{'event':'E','data':1,'timestamp':null}|/timestamp: it is no string",
                "{'event':'E','data':1,'orderingKey':''}|/orderingKey: it is empty",
                "{'event':'E','data':1,'orderingKey':null}|/orderingKey: it is no string, number or boolean",
                "{'event':'E','data':1,'orderingKey':['a']}|/orderingKey: it is no string, number or boolean",
                "{'event':'E','data':1,'data':2}|/data: it stands there twice",
                "{'event':'E','data':1,'\\u0064ata':{}}|/data: it stands there twice",
                "{'event':7,'event':'E','data':1}|/event: it is no string, /event: it stands there twice",
                "{'event':'E','data':1,'orderingkey':[{}]}|/orderingkey: there is no such member",
                "{'event':'E','data':1,'':2}|/: there is no such member",
                "{'event':'E','data':1,'a/b~c\\u00e9':2}|/a~1b~0c\u00e9: there is no such member",
                "{'x':1,'event':'*\\t','timestamp':'T','orderingKey':{}}|/x: there is no such member, "
                        + "/event: it is not printable ASCII, /event: it holds *, the wildcard of subscriptions, "
                        + "/timestamp: it is no date-time of RFC 3339, "
                        + "/orderingKey: it is no string, number or boolean, /data: it is missing"
            })
    void everyFaultIsToldWithItsPlace(String body, String told) {
        assertThat(told(faults(single(body.replace('\'', '"'))))).isEqualTo(told);
    }

    @Test
    void typesTimestampsAndKeysHaveALength() {
        String form = "{\"event\":\"%s\",\"timestamp\":\"%s\",\"orderingKey\":\"%s\",\"data\":1}";
        String time = "2025-07-08T12:34:56Z";
        String astral = "\ud83d\ude00";
        assertThat(sound(form.formatted("~".repeat(256), time, astral.repeat(1_024)))
                        .orderingKey())
                .hasSize(2_048);
        assertThat(told(faults(single(form.formatted(" ".repeat(257), " ".repeat(65), "k".repeat(1_025))))))
                .isEqualTo("/event: it is longer than 256 characters, /timestamp: it is longer than 64 characters, "
                        + "/timestamp: it is no date-time of RFC 3339, "
                        + "/orderingKey: it is longer than 1024 characters");
        assertThat(told(faults(single("{\"event\":\"E\",\"orderingKey\":" + "1".repeat(1_025) + ",\"data\":1}"))))
                .isEqualTo("/orderingKey: it is longer than 1024 characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2025-07-08T12:34:56Z",
                "2025-07-08T12:34:56.7Z",
                "2025-07-08T12:34:56.123456789+05:30",
                "2025-07-08t12:34:56z",
                "2024-02-29T23:59:60Z"
            })
    void aTimestampIsADateTimeOfRfc3339(String time) {
        assertThat(sound(withTimestamp(time)).timestamp()).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "2025-07-08",
                "2025-07-08T12:34:56",
                "2025-02-29T12:34:56Z",
                "2025-07-08T25:00:00Z",
                "+12025-07-08T12:34:56Z",
                "-0001-07-08T12:34:56Z",
                "2025-07-08T12:34:56Z ",
                "1751978096"
            })
    void whatIsNoDateTimeIsAFault(String time) {
        assertThat(told(faults(single(withTimestamp(time))))).isEqualTo("/timestamp: it is no date-time of RFC 3339");
    }

    @Test
    void faultsOfOneEventAreBoundedAndEachIsToldOnce() {
        StringBuilder body = new StringBuilder("{");
        for (int i = 0; i < 10_000; i++) {
            body.append("\"x").append(i).append("\":1,");
        }
        List<Fault> faults = faults(single(body + "\"x\":1}"));
        assertThat(faults).hasSize(51);
        assertThat(faults.get(50).reason()).isEqualTo("it has more faults than these");
        String many = body.substring(0, body.indexOf("\"x48\"")) + "\"event\":\"*\",";
        String repeated = "\"x1\":1,".repeat(1_000);
        assertThat(faults(single(many + repeated + "\"data\":1}"))).hasSize(49);
        assertThat(faults(single(many + "\"x\":1," + repeated + "\"data\":1}"))).hasSize(50);
    }

    @Test
    void noFaultTellsAValueOfTheBody() {
        String body =
                "{\"event\":\"s3cret*\",\"timestamp\":\"s3cret\",\"orderingKey\":[\"s3cret\"],\"x\":\"s3cret\",\"data\":";
        assertThat(told(faults(single(body + "1}")))).doesNotContain("s3cret");
        assertThat(read(body + "s3cret}").toString()).contains("not JSON").doesNotContain("s3cret");
        assertThat(read(body + "\"\\s3cret\"}").toString()).contains("not JSON").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|it holds no event",
                "` `|it holds no event",
                "[]|it holds no event",
                "\"E\"|it is neither an object nor an array",
                "17|it is neither an object nor an array",
                "null|it is neither an object nor an array",
                "event=E|it is not JSON",
                "{\"event\":\"E\",\"data\":1|it is not JSON: it ends too early",
                "{\"event\":\"E\",\"data\":1,}|it is not JSON",
                "{\"event\":\"E\",\"data\":01}|it is not JSON",
                "{\"event\":\"E\",\"data\":NaN}|it is not JSON",
                "{\"event\":\"E\",\"data\":1}}|it is not JSON",
                "{\"event\":\"E\",\"data\":1} x|it is not JSON",
                "{\"event\":\"E\",\"data\":1}{}|more follows the event",
                "{\"event\":\"E\",\"data\":1} 1|more follows the event",
                "[{\"event\":\"E\",\"data\":1}][]|more follows the array",
                "[{\"event\":\"E\",\"data\":1},]|it is not JSON",
                "[{\"event\":\"E\",\"data\":1}|it is not JSON: it ends too early"
            })
    void whatIsNoRequestIsRefusedAsAWhole(String body, String reason) {
        assertThat(refusal(read(body)).reason()).startsWith(reason);
    }

    @Test
    void tellsWhereItCeasesToBeJson() {
        String event = "{\"event\":\"E\",\"data\":[1,2,nul]}";
        int place = event.indexOf("nul");
        assertThat(refusal(read(event)).reason()).isEqualTo("it is not JSON, near byte " + place);
        // Of a line the place counts from the line's beginning.
        assertThat(told(faults(batch(read(NDJSON, bytes(GOOD + "\n" + event))).get(1))))
                .isEqualTo(": it is not JSON, near byte " + place);
    }

    /** The parser cannot tell such names apart; in a string, which it need not understand, half a pair passes. */
    @Test
    void aNameWithHalfOfASurrogatePairIsNotJson() {
        assertThat(refusal(read("{\"event\":\"E\",\"data\":{\"\\ud800\":1}}")).reason())
                .startsWith("it is not JSON");
        assertThat(told(faults(single("{\"\\ud83d\\ude00\":1,\"event\":\"E\",\"data\":1}"))))
                .isEqualTo("/\ud83d\ude00: there is no such member");
    }

    @Test
    void onlyUtf8CanBePassedOn() {
        for (String type : new String[] {"application/json", NDJSON}) {
            for (Charset charset :
                    List.of(UTF_16LE, UTF_16BE, Charset.forName("UTF-32LE"), Charset.forName("UTF-32BE"))) {
                assertThat(refusal(read(type, GOOD.getBytes(charset))).reason()).contains("UTF-16");
                assertThat(refusal(read(type, ("\ufeff" + GOOD).getBytes(charset)))
                                .reason())
                        .contains("UTF-16");
            }
            assertThat(refusal(read(type, bytes("\ufeff" + GOOD))).reason()).contains("byte order mark");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0 80", "e0 80 80", "ed a0 80", "f4 90 80 80", "f0 80 80 80", "ff", "80", "c3"})
    void whatIsNotUtf8ToTheLetterIsRefused(String hex) {
        byte[] body = bytes("{\"event\":\"E\",\"data\":\"" + "é".repeat(5_000) + "????\"}");
        int at = body.length - 6;
        String[] wrong = hex.split(" ");
        for (int i = 0; i < wrong.length; i++) {
            body[at + i] = (byte) Integer.parseInt(wrong[i], 16);
        }
        assertThat(refusal(read(null, body)).reason()).isEqualTo("it is not UTF-8 at byte " + at);
        byte[] atTheEnd = Arrays.copyOf(bytes(GOOD), GOOD.length() + 1);
        atTheEnd[GOOD.length()] = (byte) Integer.parseInt(wrong[0], 16);
        assertThat(refusal(read(null, atTheEnd)).reason()).isEqualTo("it is not UTF-8 at byte " + GOOD.length());
        byte[] lines = Arrays.copyOf(bytes(GOOD + "\n"), GOOD.length() + 1 + body.length);
        System.arraycopy(body, 0, lines, GOOD.length() + 1, body.length);
        List<Publication> read = batch(read(NDJSON, lines));
        assertThat(read.get(0)).isInstanceOf(Sound.class);
        assertThat(told(faults(read.get(1)))).isEqualTo(": it is not UTF-8 at byte " + at);
    }

    @Test
    void aRequestCutOffAnywhereIsNeverAccepted() {
        String event = "{\"event\":\"\\u0045\",\"timestamp\":\"2025-07-08T12:34:56Z\",\"orderingKey\":-1.5e3,"
                + "\"data\":{\"a\":[1.0,-2e+3,true,false,null,\"é😀\\n\\u00e9\"]}}";
        assertThat(sound(event)).isNotNull();
        byte[] array = bytes("[" + GOOD + " , " + event + "]");
        byte[] lines = bytes(GOOD + "\n" + event);
        for (int length = 0; length < bytes(event).length; length++) {
            assertThat(read(null, Arrays.copyOf(bytes(event), length))).isInstanceOf(Refused.class);
            byte[] cut = Arrays.copyOf(lines, GOOD.length() + 1 + length);
            List<Publication> read = batch(read(NDJSON, cut));
            assertThat(read.get(0)).isInstanceOf(Sound.class);
            assertThat(read.subList(1, read.size()))
                    .hasSize(length == 0 ? 0 : 1)
                    .allMatch(Faulty.class::isInstance);
        }
        for (int length = 0; length < array.length; length++) {
            assertThat(read(null, Arrays.copyOf(array, length))).isInstanceOf(Refused.class);
        }
    }

    @Test
    void aFaultyEventOfAnArraySpoilsNoOther() {
        List<Publication> read = batch(read(" [ {\"event\":\"A\",\"data\":\"é\"},{\"event\":\"B\"}, 7,\"x\",[[{}],2]"
                + ",null ,{\"data\" : [ 1.0 ] , \"event\":\"C\"} ] "));
        assertThat(read).hasSize(7);
        assertThat(text(((Sound) read.get(0)).body())).endsWith(",\"data\":\"é\"}");
        assertThat(told(faults(read.get(1)))).isEqualTo("/data: it is missing");
        assertThat(read.subList(2, 6)).allMatch(one -> told(faults(one)).equals(": it is no object"));
        assertThat(text(((Sound) read.get(6)).body()))
                .startsWith("{\"event\":\"C\"")
                .endsWith(",\"data\":[ 1.0 ]}");
    }

    @Test
    void anArrayThatIsNotJsonIsRefusedAsAWhole() {
        String broken = "{\"event\":\"E\",\"data\":tru}";
        assertThat(refusal(read("[" + GOOD + "," + broken + "," + GOOD + "]")).reason())
                .startsWith("it is not JSON");
    }

    @Test
    void eachLineStandsForItself() {
        String lines = "\n" + GOOD + "\r\n \t\r\n" + "{\"event\":\"E\",\"data\":tru}\n" + GOOD + "]\n[" + GOOD + "]\n"
                + GOOD + GOOD + "\n{\"event\":\n\ufeff" + GOOD
                + "\n\"x\n7\n \t{\"data\":\r[\"é\"],\"event\":\"Z\"} \r\n";
        List<Publication> read = batch(read(NDJSON, bytes(lines)));
        assertThat(read.stream()
                        .map(one -> one instanceof Faulty faulty
                                ? told(faulty.faults()).replaceAll(", near.*", "")
                                : "sound"))
                .containsExactly(
                        "sound",
                        ": it is not JSON",
                        ": it is not JSON",
                        ": it is no object",
                        ": more follows the event on its line",
                        ": it is not JSON: it ends too early",
                        ": it is not JSON",
                        ": it is not JSON: it ends too early",
                        ": it is no object",
                        "sound");
        assertThat(data((Sound) read.get(9))).isEqualTo("[\"é\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-ndjson",
                "application/ndjson",
                "application/jsonl",
                "Application/X-NDJSON ; charset=utf-8"
            })
    void theContentTypeTellsOneEventALine(String contentType) {
        assertThat(batch(read(contentType, bytes(GOOD)))).hasSize(1);
        assertThat(batch(read(contentType, bytes(GOOD + "\n")))).hasSize(1);
        assertThat(refusal(read(contentType, bytes("\n\r\n \n"))).reason()).isEqualTo("it holds no event");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain", "application/x-ndjson+json", ""})
    void elseTheFirstTokenTells(String contentType) {
        assertThat(read(contentType, bytes(" " + GOOD))).isInstanceOf(Single.class);
        assertThat(batch(read(contentType, bytes(" [" + GOOD + "]")))).hasSize(1);
        assertThat(read(contentType, bytes(GOOD + "\n" + GOOD))).isInstanceOf(Refused.class);
    }

    @Test
    void aBatchHasAtMostAThousandEvents() {
        List<String> most = Collections.nCopies(1_000, GOOD);
        List<String> more = Collections.nCopies(1_001, GOOD);
        assertThat(batch(read("[" + String.join(",", most) + "]"))).hasSize(1_000);
        assertThat(batch(read(NDJSON, bytes(String.join("\n", most) + "\n\n")))).hasSize(1_000);
        assertThat(refusal(read("[" + String.join(",", more) + "]")).reason()).contains("more than 1000");
        assertThat(refusal(read(NDJSON, bytes(String.join("\n", more)))).reason())
                .contains("more than 1000");
    }

    @Test
    void whatIsNestedTooDeeplyIsRefusedForThatReason() {
        String deepest = "{\"event\":\"E\",\"data\":" + "[".repeat(999) + "]".repeat(999) + "}";
        String deeper = "{\"event\":\"E\",\"data\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}";
        assertThat(understood(sound(deepest), name -> null, List.of()).type()).isEqualTo("E");
        assertThat(refusal(read(deeper)).reason()).isEqualTo("it is nested too deeply");
        assertThat(refusal(read("[".repeat(100_000))).reason()).isEqualTo("it is nested too deeply");
        List<Publication> lines = batch(read(NDJSON, bytes(deeper + "\n" + GOOD)));
        assertThat(told(faults(lines.get(0)))).isEqualTo(": it is nested too deeply");
        assertThat(lines.get(1)).isInstanceOf(Sound.class);
    }

    @Test
    void whatRecipientsGetIsReadLikeAnyEvent() {
        Sound event = sound("{\"data\":{\"orderId\":1.10},\"event\":\"\\u0045\",\"orderingKey\":\"k\"}");
        List<Place> places = List.of(new Place.Header("Ordering-Key"), new Place.Pointer("/data/orderId"));
        Event byPointer = understood(event, name -> null, places);
        assertThat(byPointer.type()).isEqualTo(event.type());
        assertThat(byPointer.timestamp()).isEqualTo(event.timestamp());
        assertThat(byPointer.orderingKey()).isEqualTo(OrderingKey.entity("1.10"));
        // A key that the application gives reaches the reader like a header.
        Event byKey = understood(event, Map.of("Ordering-Key", event.orderingKey())::get, places);
        assertThat(byKey.orderingKey()).isEqualTo(OrderingKey.entity("k"));
    }

    private static Event understood(Sound event, Function<String, String> header, List<Place> orderingKey) {
        ReadingRules rules = new ReadingRules(
                List.of(new Place.Pointer("/event")),
                List.of(new Place.Pointer("/timestamp")),
                Ordering.ENTITY,
                orderingKey,
                MissingKey.EVENT_TYPE,
                List.of(),
                List.of());
        return ((Reading.Understood) new EventReader("publish", rules).read(header, event.body(), Set.of())).event();
    }

    private static String withTimestamp(String time) {
        return "{\"event\":\"E\",\"timestamp\":\"" + time + "\",\"data\":1}";
    }

    private static String told(List<Fault> faults) {
        assertThat(faults).allMatch(fault -> !fault.mend().isEmpty());
        return String.join(
                ", ",
                faults.stream()
                        .map(fault -> fault.pointer() + ": " + fault.reason())
                        .toList());
    }

    private static Sound sound(String body) {
        return (Sound) single(body);
    }

    private static Publication single(String body) {
        return ((Single) read(body)).event();
    }

    private static List<Publication> batch(PublishRequest request) {
        return ((Batch) request).events();
    }

    private static List<Fault> faults(Publication publication) {
        return ((Faulty) publication).faults();
    }

    private static Fault refusal(PublishRequest request) {
        return ((Refused) request).fault();
    }

    private static PublishRequest read(String body) {
        return read("application/json", bytes(body));
    }

    private static PublishRequest read(String contentType, byte[] body) {
        return new PublishReader().read(contentType, body, NOW);
    }

    private static String data(Sound event) {
        return new String(event.body(), event.data().from(), event.data().length(), UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
