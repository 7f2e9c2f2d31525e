package dev.sluice.event;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the events of one source out of its authentic messages. */
public final class EventReader {
    private static final int LONGEST_TYPE = 256;
    private static final int LONGEST_TIMESTAMP = 64;
    private static final int LONGEST_KEY = 128;

    /** W3C Trace Context, version 00: ids of zeros only are invalid. */
    private static final Pattern TRACEPARENT =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private final String source;
    private final ReadingRules rules;

    /** Where in the body the parts stand without which there is no event. */
    private final Set<String> places;

    /** The same and, where it is asked for, that of its version. */
    private final Set<String> all;

    /** Of those the first of each part: with it the others are not asked for. */
    private final Set<String> first;

    private volatile Look look;

    /** What a body is looked at for: besides the parts of the event itself, the places that others named the last time. */
    private record Look(Set<String> others, JsonScan json) {}

    public EventReader(String source, ReadingRules rules) {
        this.source = source;
        this.rules = rules;
        this.places = inBody(Stream.of(rules.type(), rules.timestamp(), rules.orderingKey(), rules.dedupId()));
        this.all = Stream.concat(places.stream(), inBody(Stream.of(rules.version())).stream())
                .collect(Collectors.toUnmodifiableSet());
        this.first = Stream.of(rules.type(), rules.timestamp(), rules.orderingKey(), rules.dedupId(), rules.version())
                .flatMap(part -> pointers(part).limit(1))
                .collect(Collectors.toUnmodifiableSet());
        this.look = new Look(Set.of(), new JsonScan(all, first));
    }

    /** Reads one message.
     *
     * @param header gives the first value of a header, or null
     * @param body the raw body, whose signature was found to hold
     * @param others JSON Pointers to what others want to know of the body; the same set as long as they are the same
     */
    public Reading read(Function<String, @Nullable String> header, byte[] body, Set<String> others) {
        return read(header, body, others, null);
    }

    /** Reads one message of which the ordering key may be told beside it, where it is ordered by entity.
     *
     * @param orderingKey the key; null leaves it to the message
     */
    public Reading read(
            Function<String, @Nullable String> header, byte[] body, Set<String> others, @Nullable String orderingKey) {
        Content content = new Content(header.apply("Content-Type"), traceparent(header), body);
        @Nullable Map<String, JsonValue> found;
        try {
            found = all.isEmpty() && others.isEmpty() ? Map.of() : json(others).scan(body);
        } catch (IOException e) {
            // A source whose parts all stand in headers may send what it likes.
            if (!places.isEmpty()) {
                return unreadable(content, e instanceof StreamConstraintsException ? "nested too deeply" : "not JSON");
            }
            found = null;
        }
        Values values = new Values(header, found == null ? Map.of() : found);
        return read(values, content, new Findings(body, others, found), orderingKey);
    }

    private JsonScan json(Set<String> others) {
        Look current = look;
        if (current.others() != others) {
            Set<String> wanted = new HashSet<>(all);
            wanted.addAll(others);
            Set<String> decisive = new HashSet<>(first);
            decisive.addAll(others);
            current = new Look(others, new JsonScan(wanted, decisive));
            look = current;
        }
        return current.json();
    }

    private Reading read(Values values, Content content, Findings findings, @Nullable String given) {
        Optional<String> type = values.first(rules.type());
        if (type.isEmpty()) {
            return unreadable(content, "no event type at " + ReadingRules.names(rules.type()));
        }
        if (!isPrintable(type.get(), LONGEST_TYPE)) {
            // It goes into a header of what is delivered.
            return unreadable(
                    content, "the event type is not printable ASCII of at most " + LONGEST_TYPE + " characters");
        }
        Optional<DedupId> dedupId = rules.dedupId().isEmpty()
                ? Optional.of(DedupId.ofBody(source, content.body()))
                : values.first(rules.dedupId()).map(id -> DedupId.ofSenderId(source, id));
        if (dedupId.isEmpty()) {
            return unreadable(content, "no dedup id at " + ReadingRules.names(rules.dedupId()));
        }
        Optional<OrderingKey> key = orderingKey(values, type.get(), dedupId.get(), given);
        if (key.isEmpty()) {
            return unreadable(content, "no ordering key at " + ReadingRules.names(rules.orderingKey()));
        }
        String timestamp = values.first(rules.timestamp())
                .filter(text -> isPrintable(text, LONGEST_TIMESTAMP))
                .orElse(null);
        Version version = values.first(rules.version()).flatMap(Version::read).orElse(null);
        return new Reading.Understood(
                new Event(source, type.get(), timestamp, key.get(), dedupId.get(), version, content), findings);
    }

    private Optional<OrderingKey> orderingKey(Values values, String type, DedupId dedupId, @Nullable String given) {
        return switch (rules.ordering()) {
            case EVENT -> Optional.of(OrderingKey.type(type));
            case SOURCE -> Optional.of(OrderingKey.wholeSource());
            case ENTITY ->
                Optional.ofNullable(given)
                        .or(() -> values.first(rules.orderingKey()))
                        .map(id -> OrderingKey.entity(shortened(id)))
                        .or(() -> switch (rules.missingKey()) {
                            case UNREADABLE -> Optional.empty();
                            case EVENT_TYPE -> Optional.of(OrderingKey.type(type));
                            case NONE -> Optional.of(OrderingKey.alone(dedupId));
                        });
        };
    }

    private Reading unreadable(Content content, String reason) {
        DedupId dedupId = DedupId.ofBody(source, content.body());
        return new Reading.Unreadable(
                new Event(source, "", null, OrderingKey.alone(dedupId), dedupId, null, content), reason);
    }

    private static Set<String> inBody(Stream<List<Place>> parts) {
        return parts.flatMap(EventReader::pointers).collect(Collectors.toUnmodifiableSet());
    }

    private static Stream<String> pointers(List<Place> places) {
        return places.stream()
                .flatMap(place ->
                        place instanceof Place.Pointer pointer ? Stream.of(pointer.pointer()) : Stream.empty());
    }

    private static @Nullable String traceparent(Function<String, @Nullable String> header) {
        String value = header.apply("traceparent");
        return value != null && TRACEPARENT.matcher(value).matches() ? value : null;
    }

    private static boolean isPrintable(String text, int longest) {
        return text.length() <= longest && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /** Ordering keys stand in keys of Redis, in logs and in URLs: a long or an unprintable one is known by its hash. */
    private static String shortened(String id) {
        if (id.length() <= LONGEST_KEY && id.chars().noneMatch(Character::isISOControl)) {
            return id;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return "#" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** The values of one message. */
    private record Values(Function<String, @Nullable String> headers, Map<String, JsonValue> inBody) {

        Optional<String> first(List<Place> places) {
            for (Place place : places) {
                String value = place instanceof Place.Header header
                        ? headers.apply(header.name())
                        : inBody(((Place.Pointer) place).pointer());
                if (value != null && !value.isEmpty()) {
                    return Optional.of(value);
                }
            }
            return Optional.empty();
        }

        private @Nullable String inBody(String pointer) {
            JsonValue value = inBody.get(pointer);
            return value == null ? null : value.text();
        }
    }
}
