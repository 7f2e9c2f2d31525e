package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "ORDER_*, ORDER_PAID, true",
        "ORDER_*, ORDER_, true",
        "ORDER_*, order_paid, false",
        "*, anything, true",
        "*_PAID, ORDER_PAID, true",
        "*_PAID, ORDER_PAID_, false",
        "O*R*D, ORDERED, true",
        "O*X*D, ORDERED, false",
        "ORDER, ORDER, true",
        "ORDER, ORDERS, false",
        "a.c, abc, false"
    })
    void coversTheWholeOfAText(String pattern, String text, boolean matches) {
        assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
    }
}
