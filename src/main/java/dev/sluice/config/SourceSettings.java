package dev.sluice.config;

import dev.sluice.event.EventReader;
import dev.sluice.event.MissingKey;
import dev.sluice.event.Ordering;
import dev.sluice.event.Place;
import dev.sluice.event.ReadingRules;
import dev.sluice.ingress.Source;
import dev.sluice.ingress.Source.OnUnreadable;
import dev.sluice.redis.Durability;
import dev.sluice.signature.SignatureScheme;
import dev.sluice.signature.SignatureScheme.Encoding;
import dev.sluice.signature.SigningKey;
import dev.sluice.signature.Verifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One source out of its properties.
 *
 * @param source as the way in knows it
 * @param orderingFingerprint as the lanes know it
 * @param dropsStale whether its events are dropped when a newer one was accepted before
 * @param durability how safe its events must be before they count as accepted
 */
record SourceSettings(Source source, String orderingFingerprint, boolean dropsStale, Durability durability) {
    static final String SECTION = "sluice.sources.";

    private static final Duration DEDUP_WINDOW = Duration.ofHours(25);
    private static final Duration SENDER_RETRIES = Duration.ofHours(24);

    /** By how much a dedup window must exceed the sender's retries: clocks differ, and a last try takes its time. */
    private static final Duration MARGIN = Duration.ofHours(1);

    static SourceSettings read(String name, SluiceProperties.Source properties, Faults faults) {
        Values values = new Values(SECTION + name + ".", faults);
        boolean preset =
                values.choice("scheme", properties.scheme(), false, Map.of("optondemand", true, "hmac-sha256", false));
        StaleSettings stale = StaleSettings.read(properties.stale(), values);
        ReadingRules rules = rules(properties, preset, stale.by(), values);
        Source source = new Source(
                name,
                new Verifier(scheme(properties.signature(), preset, values), keys(properties.secrets(), values)),
                new EventReader(name, rules),
                values.choice(
                        "unreadable",
                        properties.unreadable(),
                        OnUnreadable.DEAD_LETTER,
                        Map.of("dead-letter", OnUnreadable.DEAD_LETTER, "reject", OnUnreadable.REJECT)),
                dedupWindow(properties, values));
        return new SourceSettings(
                source,
                rules.orderingFingerprint(),
                stale.drops(),
                DurabilitySettings.read(properties.durability(), values));
    }

    private static SignatureScheme scheme(SluiceProperties.Signature properties, boolean preset, Values values) {
        SignatureScheme ordinary = preset ? SignatureScheme.OPTONDEMAND : new SignatureScheme("", "", Encoding.HEX);
        String header = properties.header().orElse(ordinary.header());
        if (!Values.isToken(header)) {
            values.fault(
                    "signature.header",
                    header.isEmpty() ? "it is missing" : "'" + header + "' is no header's name",
                    "name the header that holds the signature");
        }
        return new SignatureScheme(
                header,
                properties.prefix().orElse(ordinary.prefix()),
                values.choice(
                        "signature.encoding",
                        properties.encoding(),
                        ordinary.encoding(),
                        Map.of("hex", Encoding.HEX, "base64", Encoding.BASE64)));
    }

    private static List<SigningKey> keys(Optional<String> secrets, Values values) {
        List<SigningKey> keys = new ArrayList<>();
        for (String secret : Values.list(secrets)) {
            if (secret.isEmpty()) {
                values.fault("secrets", "one of them is empty", "remove it: anyone could sign with it");
            } else {
                keys.add(SigningKey.ofText(secret));
            }
        }
        if (secrets.isEmpty()) {
            values.fault("secrets", "it is missing", "give the secret that the sender signs with");
        }
        return keys;
    }

    private static ReadingRules rules(
            SluiceProperties.Source properties, boolean preset, List<Place> version, Values values) {
        List<Place> type = places("type", properties.type(), preset, values);
        if (properties.type().isEmpty() && !preset) {
            values.fault("type", "it is missing", "tell where the event type stands, for example /type");
        }
        Ordering ordering = ordering(properties.ordering(), values);
        Optional<String> key = properties.orderingKey().places();
        if (ordering == Ordering.ENTITY && key.isEmpty()) {
            values.fault("ordering-key", "it is missing", "tell where the entity's id stands, for example /data/id");
        }
        if (ordering != Ordering.ENTITY && key.isPresent()) {
            values.fault("ordering-key", "nothing is ordered by it", "remove it, or order by entity");
        }
        return new ReadingRules(
                type,
                places("timestamp", properties.timestamp(), preset, values),
                ordering,
                values.places("ordering-key", key),
                values.choice(
                        "ordering-key.missing",
                        properties.orderingKey().missing(),
                        MissingKey.UNREADABLE,
                        Map.of(
                                "unreadable",
                                MissingKey.UNREADABLE,
                                "event-type",
                                MissingKey.EVENT_TYPE,
                                "none",
                                MissingKey.NONE)),
                values.places("dedup.id", properties.dedup().id()),
                version);
    }

    static Ordering ordering(Optional<String> value, Values values) {
        return values.choice(
                "ordering",
                value,
                Ordering.ENTITY,
                Map.of("entity", Ordering.ENTITY, "event", Ordering.EVENT, "source", Ordering.SOURCE));
    }

    /** The preset's type and timestamp stand where they are called so. */
    private static List<Place> places(String key, Optional<String> value, boolean preset, Values values) {
        Optional<String> ordinary = preset ? Optional.of(key.equals("type") ? "/event" : "/" + key) : Optional.empty();
        return values.places(key, value.or(() -> ordinary));
    }

    private static Duration dedupWindow(SluiceProperties.Source properties, Values values) {
        Duration window = values.duration("dedup.window", properties.dedup().window(), DEDUP_WINDOW);
        Duration retries = values.duration("retry-window", properties.retryWindow(), SENDER_RETRIES);
        Duration least = retries.plus(MARGIN);
        if (window.compareTo(least) < 0) {
            values.fault(
                    "dedup.window",
                    "a sender that retries for " + retries + " would outlast the window of " + window,
                    "make it " + least + " or longer, or tell how long the sender retries with retry-window");
        }
        return window;
    }
}
