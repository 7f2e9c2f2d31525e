package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {
    /** Out of sha256sum. */
    private static final String SHA256_OF_1234 = "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4";

    private final ApiKey ops = new ApiKey("ops", List.of(KeyDigest.of("old"), KeyDigest.of("new")), Set.of("operate"));
    private final ApiKey shop = new ApiKey("shop", List.of(KeyDigest.of("zażółć")), Set.of("publish"));
    private final ApiKeys keys = new ApiKeys(List.of(ops, shop));

    @Test
    void knowsEachKeyAlsoWhileItIsRotated() {
        assertThat(keys.presentedAs("old")).isSameAs(ops);
        assertThat(keys.presentedAs("new")).isSameAs(ops);
        assertThat(keys.presentedAs("zażółć")).isSameAs(shop);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ol", "olda", "OLD", " old", "old,new", "ops", SHA256_OF_1234})
    void knowsNothingElse(String text) {
        assertThat(keys.presentedAs(text)).isNull();
    }

    @Test
    void whereNoneIsConfiguredNoneIsKnown() {
        assertThat(new ApiKeys(List.of()).presentedAs("")).isNull();
    }

    @Test
    void aDigestIsWrittenAsSha256sumPrintsIt() {
        assertThat(KeyDigest.ofHex(SHA256_OF_1234)).contains(KeyDigest.of("1234"));
        assertThat(KeyDigest.ofHex(SHA256_OF_1234.toUpperCase())).contains(KeyDigest.of("1234"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1234",
                "3ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4",
                "003ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4",
                "g3ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4",
                "0x03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846"
            })
    void nothingElseIsADigest(String text) {
        assertThat(KeyDigest.ofHex(text)).isEmpty();
    }

    @Test
    void aDigestDoesNotShowItself() {
        assertThat(ops.toString()).contains("ops", "operate", "hidden").doesNotContainPattern("[0-9a-f]{8}");
    }
}
