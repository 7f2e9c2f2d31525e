package dev.sluice.target;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a target demands of one place in a body, as it is written: in a request, in Redis, in an answer. All that is named must
 * hold; {@link Condition} tells what each of it means.
 *
 * @param pointer JSON Pointer to the place
 * @param equals the value that stands there
 * @param in the values of which one stands there
 * @param glob a pattern that covers what stands there
 * @param exists whether anything stands there
 * @param greaterThan the number that stands there is greater
 * @param atLeast the number that stands there is this one or greater
 * @param lessThan the number that stands there is less
 * @param atMost the number that stands there is this one or less
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Filter(
        String pointer,
        @Nullable String equals,
        @Nullable List<String> in,
        @Nullable String glob,
        @Nullable Boolean exists,
        @Nullable BigDecimal greaterThan,
        @Nullable BigDecimal atLeast,
        @Nullable BigDecimal lessThan,
        @Nullable BigDecimal atMost) {
    /** So many filters a target may have: each gateway keeps them in memory, and asks them for each event. */
    public static final int MOST = 20;

    /** So many characters a pointer may have. */
    public static final int LONGEST_POINTER = 512;

    /** So many values {@code in} may name. */
    public static final int MOST_VALUES = 100;

    /** So many characters a value or a pattern may have. */
    public static final int LONGEST_VALUE = 128;

    /** Whether nothing is named that must hold. */
    public boolean demandsNothing() {
        return conditions().findAny().isEmpty();
    }

    Stream<Condition> conditions() {
        return Stream.of(
                        condition(equals, value -> Condition.oneOf(List.of(value))),
                        condition(in, Condition::oneOf),
                        condition(glob, pattern -> Condition.coveredBy(new Glob(pattern))),
                        condition(exists, Condition::exists),
                        condition(greaterThan, bound -> Condition.number(number -> number.compareTo(bound) > 0)),
                        condition(atLeast, bound -> Condition.number(number -> number.compareTo(bound) >= 0)),
                        condition(lessThan, bound -> Condition.number(number -> number.compareTo(bound) < 0)),
                        condition(atMost, bound -> Condition.number(number -> number.compareTo(bound) <= 0)))
                .flatMap(Optional::stream);
    }

    private static <T> Optional<Condition> condition(@Nullable T written, Function<T, Condition> meaning) {
        return Optional.ofNullable(written).map(meaning);
    }
}
