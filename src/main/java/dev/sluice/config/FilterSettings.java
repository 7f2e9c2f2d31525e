package dev.sluice.config;

import dev.sluice.event.JsonValue;
import dev.sluice.event.Place;
import dev.sluice.target.Filter;
import dev.sluice.target.Filters;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One filter of a target out of its properties.
 *
 * @param values those of the target
 * @param key what all keys of the filter begin with, with the dot at its end
 */
record FilterSettings(Values values, String key) {

    static Filters read(Values values, List<SluiceProperties.Filter> properties) {
        if (properties.size() > Filter.MOST) {
            values.fault("filters", "there are more than " + Filter.MOST, "demand less of an event");
        }
        List<Filter> filters = new ArrayList<>();
        for (int i = 0; i < properties.size(); i++) {
            filters.add(new FilterSettings(values, "filters[" + i + "].").read(properties.get(i)));
        }
        return new Filters(filters);
    }

    private Filter read(SluiceProperties.Filter properties) {
        Filter filter = new Filter(
                pointer(properties.pointer()),
                properties.equalTo().map(text -> value("equals", text.trim())).orElse(null),
                properties.in().map(text -> in(Values.list(Optional.of(text)))).orElse(null),
                properties.glob().map(text -> value("glob", text.trim())).orElse(null),
                properties.exists().map(text -> exists(text)).orElse(null),
                number("greater-than", properties.greaterThan()),
                number("at-least", properties.atLeast()),
                number("less-than", properties.lessThan()),
                number("at-most", properties.atMost()));
        if (filter.demandsNothing()) {
            values.fault(
                    key + "pointer",
                    "nothing is demanded of what stands there",
                    "add equals, in, glob, exists, greater-than, at-least, less-than or at-most");
        }
        return filter;
    }

    private String pointer(Optional<String> pointer) {
        if (pointer.filter(text -> text.length() <= Filter.LONGEST_POINTER && Place.Pointer.isPointer(text))
                .isEmpty()) {
            values.fault(
                    key + "pointer",
                    pointer.isEmpty() ? "it is missing" : "it is no JSON Pointer (RFC 6901), or too long",
                    "write for example /data/status, at most " + Filter.LONGEST_POINTER + " characters");
        }
        return pointer.orElse("/");
    }

    private List<String> in(List<String> texts) {
        if (texts.size() > Filter.MOST_VALUES) {
            values.fault(key + "in", "it has more than " + Filter.MOST_VALUES + " values", "name fewer");
        }
        return texts.stream().map(text -> value("in", text)).toList();
    }

    private String value(String name, String text) {
        if (text.length() > Filter.LONGEST_VALUE) {
            values.fault(
                    key + name, "one value has more than " + Filter.LONGEST_VALUE + " characters", "use a shorter one");
        }
        return text;
    }

    private Boolean exists(String text) {
        return values.choice(key + "exists", Optional.of(text), true, Map.of("true", true, "false", false));
    }

    private @Nullable BigDecimal number(String name, Optional<String> value) {
        Optional<BigDecimal> number = value.map(String::trim).flatMap(JsonValue::number);
        if (value.isPresent() && number.isEmpty()) {
            values.fault(
                    key + name,
                    "'" + value.get() + "' is no number as JSON writes it, or too long a one",
                    "write for example 100 or 9.99");
        }
        return number.orElse(null);
    }
}
