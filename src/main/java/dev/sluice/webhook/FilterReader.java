package dev.sluice.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.event.JsonValue;
import dev.sluice.event.Place;
import dev.sluice.target.Filter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the filters in a request about a webhook, and notes each of their faults at its place. */
final class FilterReader {
    private static final List<String> MEMBERS =
            List.of("atLeast", "atMost", "equals", "exists", "glob", "greaterThan", "in", "lessThan", "pointer");
    private static final String LONGEST = " of at most " + Filter.LONGEST_VALUE + " characters";

    private final FoundFaults faults;

    FilterReader(FoundFaults faults) {
        this.faults = faults;
    }

    /** Reads all of them; what is faulty is left out or wrong, and noted. */
    List<Filter> read(JsonNode filters) {
        if (!filters.isArray() || filters.size() > Filter.MOST) {
            faults.add(Fault.ofMember(
                    "filters",
                    "it is no array of at most " + Filter.MOST + " filters",
                    "write [{\"pointer\":\"/data/status\",\"equals\":\"PAID\"}]"));
            return List.of();
        }
        List<Filter> read = new ArrayList<>();
        for (JsonNode filter : filters) {
            read.add(new One("/filters/" + read.size(), filter).read());
        }
        return read;
    }

    private final class One {
        private final String place;
        private final JsonNode filter;

        One(String place, JsonNode filter) {
            this.place = place;
            this.filter = filter;
        }

        Filter read() {
            Filter read = new Filter(
                    member("pointer").map(this::pointer).orElse(""),
                    member("equals").map(value -> text("equals", value)).orElse(null),
                    member("in").map(this::in).orElse(null),
                    member("glob").map(this::glob).orElse(null),
                    member("exists").map(this::exists).orElse(null),
                    number("greaterThan"),
                    number("atLeast"),
                    number("lessThan"),
                    number("atMost"));
            if (!filter.isObject()) {
                fault("", "it is no object", "write {\"pointer\":\"/data/status\",\"equals\":\"PAID\"}");
            } else if (!filter.has("pointer")) {
                fault("/pointer", "it is missing", "add it");
            }
            filter.fieldNames().forEachRemaining(name -> {
                if (!MEMBERS.contains(name)) {
                    faults.add(Fault.ofMember(name, "there is no such member here", "use " + String.join(", ", MEMBERS))
                            .within(place));
                }
            });
            if (filter.size() == 1 && filter.has("pointer")) {
                fault("", "it demands nothing of what stands there", "add equals, in, glob, exists, or a bound");
            }
            return read;
        }

        private Optional<JsonNode> member(String name) {
            return Optional.ofNullable(filter.get(name));
        }

        private String pointer(JsonNode node) {
            String text = node.isTextual() ? node.textValue() : "";
            if (text.length() > Filter.LONGEST_POINTER || !Place.Pointer.isPointer(text)) {
                fault(
                        "/pointer",
                        "it is no JSON Pointer (RFC 6901) of at most " + Filter.LONGEST_POINTER + " characters",
                        "write for example \"/data/status\"");
            }
            return text;
        }

        /** As text, as it stands in configuration: the value in the body decides how it is compared. */
        private String text(String member, JsonNode node) {
            boolean fits = node.isTextual()
                    || node.isBoolean()
                    || (node.isNumber() && JsonValue.number(node.asText()).isPresent());
            if (!fits || node.asText().length() > Filter.LONGEST_VALUE) {
                fault("/" + member, "it is no string, number or boolean" + LONGEST, "write one");
            }
            return node.asText();
        }

        private List<String> in(JsonNode node) {
            if (!node.isArray() || node.isEmpty() || node.size() > Filter.MOST_VALUES) {
                fault(
                        "/in",
                        "it is no array of 1 to " + Filter.MOST_VALUES + " values",
                        "write [\"PAID\",\"SHIPPED\"]");
                return List.of();
            }
            List<String> values = new ArrayList<>();
            for (JsonNode each : node) {
                values.add(text("in/" + values.size(), each));
            }
            return values;
        }

        private String glob(JsonNode node) {
            if (!node.isTextual()
                    || node.textValue().isEmpty()
                    || node.textValue().length() > Filter.LONGEST_VALUE) {
                fault("/glob", "it is no pattern" + LONGEST, "write for example \"EU-*\"");
            }
            return node.asText();
        }

        private Boolean exists(JsonNode node) {
            if (!node.isBoolean()) {
                fault("/exists", "it is neither true nor false", "write one of them");
            }
            return node.booleanValue();
        }

        private @Nullable BigDecimal number(String name) {
            Optional<JsonNode> node = member(name);
            Optional<BigDecimal> number =
                    node.filter(JsonNode::isNumber).map(JsonNode::asText).flatMap(JsonValue::number);
            if (node.isPresent() && number.isEmpty()) {
                fault("/" + name, "it is no number, or too long a one", "write for example 100 or 9.99");
            }
            return number.orElse(null);
        }

        private void fault(String member, String reason, String mend) {
            faults.add(new Fault(place + member, reason, mend));
        }
    }
}
