package dev.sluice.target;

import dev.sluice.event.JsonValue;
import dev.sluice.event.JsonValue.Kind;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of the value at one place of a body. Filters are written as text, so it is the value in the body that decides
 * how they are compared.
 */
@FunctionalInterface
interface Condition {
    /** A pattern is tried at each character: of longer ones nobody needs more than their beginning, and it could cost a lot. */
    int LONGEST_COVERED = 1_024;

    /** Whether it holds of a value; null is one that is not there. */
    boolean holds(@Nullable JsonValue value);

    /**
     * Equals one of these: a string to the letter, a number as a number, so that 1.0 is 1 and 1e2 is 100, {@code true} and {@code
     * false} as they are written.
     */
    static Condition oneOf(Collection<String> values) {
        Set<String> texts = Set.copyOf(values);
        Set<BigDecimal> numbers = texts.stream()
                .map(JsonValue::number)
                .flatMap(Optional::stream)
                .map(BigDecimal::stripTrailingZeros)
                .collect(Collectors.toUnmodifiableSet());
        return value -> value != null
                && switch (value.kind()) {
                    case STRING, BOOLEAN -> texts.contains(value.text());
                    case NUMBER ->
                        value.number()
                                .map(BigDecimal::stripTrailingZeros)
                                .filter(numbers::contains)
                                .isPresent();
                    case STRUCTURE -> false;
                };
    }

    /** Is covered, as it is written, by a pattern. */
    static Condition coveredBy(Glob glob) {
        return value -> value != null
                && value.kind() != Kind.STRUCTURE
                && value.text().length() <= LONGEST_COVERED
                && glob.matches(value.text());
    }

    /** Is there at all, whatever it is, or is not. */
    static Condition exists(boolean wanted) {
        return value -> (value != null) == wanted;
    }

    /** Is a number of which this holds, or a string that is written like one. */
    static Condition number(Predicate<BigDecimal> demand) {
        return value -> value != null && value.number().filter(demand).isPresent();
    }
}
