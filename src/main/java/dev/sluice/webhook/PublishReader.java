package dev.sluice.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.JsonLimits;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what an application publishes: one event, a JSON array of events, or one event a line (NDJSON). */
public final class PublishReader {
    private static final int MOST_EVENTS = 1_000;
    private static final Set<String> ONE_A_LINE =
            Set.of("application/x-ndjson", "application/ndjson", "application/jsonl");
    private static final PublishRequest EMPTY = refused("it holds no event", "send at least one");
    private static final PublishRequest TOO_MANY =
            refused("it holds more than " + MOST_EVENTS + " events", "send them in several requests");
    private static final DateTimeFormatter MILLISECONDS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private final JsonFactory json = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            // Only the reader of UTF-8 knows at which byte it is.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .streamReadConstraints(JsonLimits.CONSTRAINTS)
            .build();

    /** Reads one request.
     *
     * @param contentType its Content-Type; null when it has none
     * @param now what an event that tells no time bears, to the millisecond
     */
    public PublishRequest read(@Nullable String contentType, byte[] body, Instant now) {
        Fault encoding = Unparsable.encoding(body);
        if (encoding != null) {
            return new PublishRequest.Refused(encoding);
        }
        PublicationReader events = new PublicationReader(body, MILLISECONDS.format(now));
        return isOneALine(contentType) ? lines(body, events) : document(body, events);
    }

    private static boolean isOneALine(@Nullable String contentType) {
        return contentType != null
                && ONE_A_LINE.contains(contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
    }

    private PublishRequest document(byte[] body, PublicationReader events) {
        Fault encoding = Unparsable.utf8(body, new Span(0, body.length));
        if (encoding != null) {
            return new PublishRequest.Refused(encoding);
        }
        try (JsonParser parser = json.createParser(body)) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                PublishRequest single = new PublishRequest.Single(events.read(parser, 0));
                return parser.nextToken() == null
                        ? single
                        : refused("more follows the event", "send several as an array or as application/x-ndjson");
            }
            if (first == JsonToken.START_ARRAY) {
                return array(parser, events);
            }
            return first == null ? EMPTY : refused("it is neither an object nor an array", "send an event or an array");
        } catch (IOException e) {
            return new PublishRequest.Refused(Unparsable.json(e));
        }
    }

    /** What was read is given out only once the array is known to be JSON to its end: nothing may be half accepted. */
    private static PublishRequest array(JsonParser parser, PublicationReader events) throws IOException {
        List<Publication> read = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (read.size() == MOST_EVENTS) {
                return TOO_MANY;
            }
            read.add(events.read(parser, 0));
        }
        return parser.nextToken() == null ? batch(read) : refused("more follows the array", "send one array");
    }

    private PublishRequest lines(byte[] body, PublicationReader events) {
        List<Publication> read = new ArrayList<>();
        int to;
        for (int from = 0; from < body.length; from = to + 1) {
            to = from;
            boolean blank = true;
            while (to < body.length && body[to] != '\n') {
                blank &= isSpace(body[to++]);
            }
            if (!blank && read.size() == MOST_EVENTS) {
                return TOO_MANY;
            }
            if (!blank) {
                read.add(line(body, new Span(from, to), events));
            }
        }
        return batch(read);
    }

    private Publication line(byte[] body, Span line, PublicationReader events) {
        Fault encoding = Unparsable.utf8(body, line);
        if (encoding != null) {
            return new Publication.Faulty(List.of(encoding));
        }
        try (JsonParser parser = json.createParser(body, line.from(), line.length())) {
            parser.nextToken();
            Publication event = events.read(parser, line.from());
            return parser.nextToken() == null
                    ? event
                    : new Publication.Faulty(
                            List.of(Fault.ofAll("more follows the event on its line", "end each event's line")));
        } catch (IOException e) {
            return new Publication.Faulty(List.of(Unparsable.json(e)));
        }
    }

    private static PublishRequest batch(List<Publication> read) {
        return read.isEmpty() ? EMPTY : new PublishRequest.Batch(List.copyOf(read));
    }

    /** The white space of JSON that can stand in a line, and so the carriage return before its end. */
    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    private static PublishRequest refused(String reason, String mend) {
        return new PublishRequest.Refused(Fault.ofAll(reason, mend));
    }
}
