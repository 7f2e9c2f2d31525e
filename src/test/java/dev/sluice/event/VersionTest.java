package dev.sluice.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Version.Kind;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionTest {

    @Test
    void numbersAreInOrderToTheLastDigit() {
        assertInOrder(
                Kind.NUMBER,
                "-99999999999999999999.999999999",
                "-1e19",
                "-9007199254740993",
                "-9007199254740992",
                "-1.5",
                "-0.000000001",
                "0",
                "0.000000001",
                "9",
                "10",
                "10.000000001",
                "9007199254740992",
                "9007199254740993",
                "18446744073709551614",
                "18446744073709551615",
                "99999999999999999999.999999998",
                "99999999999999999999.999999999");
    }

    @Test
    void timesAreInOrderWhateverTheirOffset() {
        assertInOrder(
                Kind.TIME,
                "0001-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999999999Z",
                "1970-01-01T00:00:00Z",
                "2025-07-08T12:34:56+02:00",
                "2025-07-08T10:34:56.000000001Z",
                "2025-07-08T10:34:56.1Z",
                "2025-07-08T10:34:57Z",
                "2025-07-08T09:00:00-02:00",
                "9999-12-31T23:59:59.999999999Z");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1.0",
        "100, 1e2",
        "0, -0.000",
        "2025-07-08T12:34:56Z, 2025-07-08T14:34:56.000+02:00",
    })
    void whatIsTheSameIsWrittenTheSame(String one, String other) {
        assertThat(Version.read(one)).isPresent().isEqualTo(Version.read(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1",
                "1 ",
                "true",
                "100000000000000000000",
                "-1e20",
                "1e9999",
                "0.0000000001",
                "1e-9999",
                "2025-07-08",
                "2025-07-08T12:34:56",
                "2025-13-08T12:34:56Z",
                "+10000-01-01T00:00:00Z",
                "yesterday"
            })
    void anythingElseIsNone(String text) {
        assertThat(Version.read(text)).isEmpty();
    }

    @Test
    void isReadFromTheFirstPlaceThatHoldsAValue() {
        assertThat(version("{'v':7,'t':'2025-07-08T12:34:56Z'}", "8")).isEqualTo(Version.read("7"));
        assertThat(version("{'v':'7'}", "8")).isEqualTo(Version.read("7"));
        assertThat(version("{'v':null}", "8")).isEqualTo(Version.read("8"));
        assertThat(version("{'v':{}}", "8")).isEqualTo(Version.read("8"));
        assertThat(version("{'v':'soon'}", "8")).isEmpty();
        // A source whose parts all stand in headers may send what it likes.
        assertThat(version("no JSON", "8")).isEqualTo(Version.read("8"));
    }

    private static Optional<Version> version(String body, String header) {
        ReadingRules rules = new ReadingRules(
                List.of(new Place.Header("Type")),
                List.of(),
                Ordering.SOURCE,
                List.of(),
                MissingKey.UNREADABLE,
                List.of(),
                List.of(new Place.Pointer("/v"), new Place.Header("Version")));
        Reading reading = new EventReader("s", rules)
                .read(
                        Map.of("Type", "E", "Version", header)::get,
                        body.replace('\'', '"').getBytes(UTF_8),
                        Set.of());
        return Optional.ofNullable(((Reading.Understood) reading).event().version());
    }

    private static void assertInOrder(Kind kind, String... texts) {
        List<Version> versions =
                Stream.of(texts).map(text -> Version.read(text).orElseThrow()).toList();
        assertThat(versions)
                .allSatisfy(version -> {
                    assertThat(version.kind()).isEqualTo(kind);
                    assertThat(version.digits()).matches("[0-9]{" + Version.DIGITS + "}");
                })
                .extracting(version -> new BigInteger(version.digits()))
                .isSorted()
                .doesNotHaveDuplicates();
    }
}
