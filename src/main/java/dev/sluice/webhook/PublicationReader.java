package dev.sluice.webhook;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one published event in one pass: notes where in the request its members' values stand, and copies these bytes, once,
 * into what recipients get. Nothing is written anew, so numbers, escapes, white space and the order of members stay.
 */
final class PublicationReader {
    private static final byte[] BEFORE_EVENT = ascii("{\"event\":");
    private static final byte[] BEFORE_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] BEFORE_DATA = ascii(",\"data\":");
    private static final byte[] END = ascii("}");

    private final byte[] request;
    private final String now;

    /** For the events of one request.
     *
     * @param request the bytes that the parsers read
     * @param now what an event that tells no time bears
     */
    PublicationReader(byte[] request, String now) {
        this.request = request;
        this.now = now;
    }

    /** Reads the value at which the parser stands, to its end.
     *
     * @param base where in the request the parser began
     * @throws IOException if it is not JSON
     */
    Publication read(JsonParser parser, int base) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return new Publication.Faulty(
                    List.of(Fault.ofAll("it is no object", "write {\"event\":\"ORDER_PAID\",\"data\":{}}")));
        }
        Members members = new Members();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            members.take(name, parser, base);
        }
        return members.publication();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What was found of one event so far. */
    private final class Members {
        private final FoundFaults faults = new FoundFaults();
        private final MemberRules rules = new MemberRules(faults);
        private final Map<String, Span> spans = new HashMap<>();
        private String type = "";
        private @Nullable String timestamp;
        private @Nullable String orderingKey;

        void take(String name, JsonParser parser, int base) throws IOException {
            if (spans.containsKey(name)) {
                rules.twice(name);
                parser.skipChildren();
                return;
            }
            switch (name) {
                case MemberRules.EVENT -> type = rules.type(parser);
                case MemberRules.TIMESTAMP -> timestamp = rules.timestamp(parser);
                case MemberRules.ORDERING_KEY -> orderingKey = rules.orderingKey(parser);
                case MemberRules.DATA -> {}
                default -> {
                    rules.unknown(name);
                    parser.skipChildren();
                    return;
                }
            }
            spans.put(name, span(parser, base));
        }

        private Span span(JsonParser parser, int base) throws IOException {
            long from = parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            // A string's end is known only when the string was read.
            parser.finishToken();
            return new Span(
                    base + (int) from, base + (int) parser.currentLocation().getByteOffset());
        }

        Publication publication() {
            Span event = spans.get(MemberRules.EVENT);
            Span data = spans.get(MemberRules.DATA);
            if (event == null) {
                rules.missing(MemberRules.EVENT);
            }
            if (data == null) {
                rules.missing(MemberRules.DATA);
            }
            return event == null || data == null || !faults.none()
                    ? new Publication.Faulty(faults.list())
                    : sound(event, data);
        }

        private Publication sound(Span event, Span data) {
            ByteBuffer time = timestamp();
            int dataFrom = BEFORE_EVENT.length
                    + event.length()
                    + BEFORE_TIMESTAMP.length
                    + time.remaining()
                    + BEFORE_DATA.length;
            byte[] body = ByteBuffer.allocate(dataFrom + data.length() + END.length)
                    .put(BEFORE_EVENT)
                    .put(request, event.from(), event.length())
                    .put(BEFORE_TIMESTAMP)
                    .put(time)
                    .put(BEFORE_DATA)
                    .put(request, data.from(), data.length())
                    .put(END)
                    .array();
            return new Publication.Sound(
                    type,
                    timestamp == null ? now : timestamp,
                    orderingKey,
                    body,
                    new Span(dataFrom, dataFrom + data.length()));
        }

        private ByteBuffer timestamp() {
            Span span = spans.get(MemberRules.TIMESTAMP);
            return span == null
                    ? ByteBuffer.wrap(ascii('"' + now + '"'))
                    : ByteBuffer.wrap(request, span.from(), span.length());
        }
    }
}
