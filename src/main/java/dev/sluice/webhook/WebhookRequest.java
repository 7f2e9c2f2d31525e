package dev.sluice.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.target.Filter;
import dev.sluice.target.Glob;
import dev.sluice.target.TargetUrl;
import dev.sluice.target.WebhookSettings;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of a webhook: of a new one, or changed of one that there is. What is not named is empty.
 *
 * @param url where events are to go
 * @param events the event types wanted, or patterns of them
 * @param filters what must hold of the body of an event
 * @param ordered whether in order; only of a new one
 * @param enabled whether events are to go out; only of one that there is
 * @param policy the policy under which they go out; only of a new one
 * @param description for people; only of a new one
 */
record WebhookRequest(
        Optional<URI> url,
        Optional<List<String>> events,
        Optional<List<Filter>> filters,
        Optional<Boolean> ordered,
        Optional<Boolean> enabled,
        Optional<String> policy,
        Optional<String> description) {
    private static final List<String> OF_A_NEW_ONE =
            List.of("url", "events", "filters", "ordered", "policy", "description");
    private static final List<String> OF_A_CHANGE = List.of("url", "events", "filters", "enabled");
    private static final int LONGEST_URL = 2_048;
    private static final int LONGEST_DESCRIPTION = 500;
    private static final int MOST_EVENTS = 100;

    /** Reads the request to register one.
     *
     * @throws Invalid with everything that is wrong with it
     */
    static WebhookRequest ofNew(byte[] body, WebhookSettings settings) throws Invalid {
        Reader reader = new Reader(body, settings, OF_A_NEW_ONE);
        reader.demand("url");
        reader.demand("events");
        return reader.read();
    }

    /** Reads the request to change one.
     *
     * @throws Invalid with everything that is wrong with it
     */
    static WebhookRequest ofChange(byte[] body, WebhookSettings settings) throws Invalid {
        Reader reader = new Reader(body, settings, OF_A_CHANGE);
        OF_A_CHANGE.forEach(reader::refuseNull);
        return reader.read();
    }

    /** The request is not as it must be. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<Fault> faults;

        Invalid(List<Fault> faults) {
            super("the request has faults", null, false, false);
            this.faults = faults;
        }

        List<Fault> faults() {
            return faults;
        }
    }

    private static final class Reader {
        private static final ObjectMapper JSON = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                // The bounds of filters are compared exactly.
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();

        private final FoundFaults faults = new FoundFaults();
        private final WebhookSettings settings;
        private final JsonNode members;

        Reader(byte[] body, WebhookSettings settings, List<String> known) throws Invalid {
            this.settings = settings;
            this.members = parse(body);
            members.fieldNames().forEachRemaining(name -> {
                if (!known.contains(name)) {
                    fault(
                            name,
                            "there is no such member here",
                            "use " + String.join(", ", known.stream().sorted().toList()));
                }
            });
        }

        private static JsonNode parse(byte[] body) throws Invalid {
            try {
                JsonNode parsed = JSON.readTree(body);
                if (parsed != null && parsed.isObject()) {
                    return parsed;
                }
                throw new Invalid(List.of(Fault.ofAll("it is no JSON object", "send one")));
            } catch (JsonProcessingException e) {
                throw new Invalid(
                        List.of(Fault.ofAll("it is not JSON, or a member stands twice", "send a JSON object")));
            } catch (IOException e) {
                throw new IllegalStateException("memory does not fail", e);
            }
        }

        void demand(String name) {
            if (!members.hasNonNull(name)) {
                fault(name, "it is missing", "add it");
            }
        }

        void refuseNull(String name) {
            if (members.path(name).isNull()) {
                fault(name, "it is null", "leave out what is to stay as it is");
            }
        }

        WebhookRequest read() throws Invalid {
            WebhookRequest request = new WebhookRequest(
                    member("url", this::url),
                    member("events", this::events),
                    member("filters", new FilterReader(faults)::read),
                    member("ordered", node -> truth("ordered", node)),
                    member("enabled", node -> truth("enabled", node)),
                    member("policy", this::policy),
                    member("description", this::description));
            if (!faults.none()) {
                throw new Invalid(faults.list());
            }
            return request;
        }

        private <T> Optional<T> member(String name, Function<JsonNode, @Nullable T> read) {
            JsonNode node = members.get(name);
            return node == null || node.isNull() ? Optional.empty() : Optional.ofNullable(read.apply(node));
        }

        private @Nullable URI url(JsonNode node) {
            if (!node.isTextual() || node.textValue().length() > LONGEST_URL) {
                fault("url", "it is no string of at most " + LONGEST_URL + " characters", "give an absolute URL");
                return null;
            }
            try {
                return TargetUrl.of(node.textValue());
            } catch (TargetUrl.Unfit e) {
                fault("url", e.reason(), e.mend());
                return null;
            }
        }

        private @Nullable List<String> events(JsonNode node) {
            if (!node.isArray() || node.isEmpty() || node.size() > MOST_EVENTS) {
                fault("events", "it is no array of 1 to " + MOST_EVENTS + " event types", "write [\"ORDER_*\"]");
                return null;
            }
            List<String> events = new ArrayList<>();
            for (JsonNode each : node) {
                String event = each.isTextual() ? each.textValue() : "";
                if (event.isEmpty() || event.length() > 256 || !event.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                    fault("events", "one of them is no printable ASCII of 1 to 256 characters", "name event types");
                } else if (!isInCatalogue(event)) {
                    fault(
                            "events",
                            "there is no event type that '" + event + "' covers",
                            "use " + settings.catalogue());
                }
                events.add(event);
            }
            return events.stream().distinct().toList();
        }

        private boolean isInCatalogue(String event) {
            return settings.catalogue().isEmpty()
                    || settings.catalogue().stream().anyMatch(new Glob(event)::matches);
        }

        private @Nullable Boolean truth(String name, JsonNode node) {
            if (!node.isBoolean()) {
                fault(name, "it is neither true nor false", "write one of them");
                return null;
            }
            return node.booleanValue();
        }

        private @Nullable String policy(JsonNode node) {
            if (!node.isTextual() || !settings.policies().contains(node.textValue())) {
                fault("policy", "there is no such policy", "leave it out to be called under the default");
                return null;
            }
            return node.textValue();
        }

        private @Nullable String description(JsonNode node) {
            if (!node.isTextual() || node.textValue().length() > LONGEST_DESCRIPTION) {
                fault("description", "it is no string of at most " + LONGEST_DESCRIPTION + " characters", "shorten it");
                return null;
            }
            return node.textValue();
        }

        private void fault(String name, String reason, String mend) {
            faults.add(Fault.ofMember(name, reason, mend));
        }
    }
}
