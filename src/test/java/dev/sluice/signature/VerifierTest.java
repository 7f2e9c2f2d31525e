package dev.sluice.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.signature.SignatureScheme.Encoding;
import dev.sluice.signature.Verifier.Verdict;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifierTest {
    private static final String BODY =
            "{\"event\":\"ORDER_STATUS_UPDATED\",\"timestamp\":\"2025-07-08T12:34:56Z\",\"data\":{}}";
    private static final String HEX = "e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90";

    private final Verifier verifier =
            new Verifier(SignatureScheme.OPTONDEMAND, List.of(SigningKey.ofText("test-secret")));

    @Test
    void takesTheProvidersSignature() {
        assertThat(verify("sha256=" + HEX)).isEqualTo(Verdict.GENUINE);
    }

    @Test
    void takesUpperCaseHex() {
        assertThat(verify("sha256=" + HEX.toUpperCase(Locale.ROOT))).isEqualTo(Verdict.GENUINE);
    }

    @Test
    void refusesWhenThereIsNone() {
        assertThat(verify()).isEqualTo(Verdict.MISSING);
    }

    @Test
    void refusesARepeatedHeaderEvenIfBothAreRight() {
        assertThat(verify("sha256=" + HEX, "sha256=" + HEX)).isEqualTo(Verdict.REPEATED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "sha256=",
                "e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90",
                "sha1=e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90",
                "SHA256=e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90",
                "sha256=e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc",
                "sha256=e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc9",
                "sha256=e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc9000",
                "sha256=z92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90",
                "sha256= e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90"
            })
    void refusesWhatIsNotWrittenAsTheSchemeHasIt(String value) {
        assertThat(verify(value)).isEqualTo(Verdict.MALFORMED);
    }

    @Test
    void refusesAnotherBody() {
        assertThat(verifier.verify(List.of("sha256=" + HEX), (BODY + " ").getBytes(UTF_8)))
                .isEqualTo(Verdict.MISMATCH);
    }

    @Test
    void takesEachSecretWhileOneIsBeingRotated() {
        Verifier rotating = new Verifier(
                SignatureScheme.OPTONDEMAND, List.of(SigningKey.ofText("new"), SigningKey.ofText("test-secret")));
        assertThat(rotating.verify(List.of("sha256=" + HEX), BODY.getBytes(UTF_8)))
                .isEqualTo(Verdict.GENUINE);
    }

    @Test
    void takesGitHubsOwnExample() {
        Verifier github = new Verifier(
                new SignatureScheme("X-Hub-Signature-256", "sha256=", Encoding.HEX),
                List.of(SigningKey.ofText("It's a Secret to Everybody")));
        String signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assertThat(github.verify(List.of(signature), "Hello, World!".getBytes(UTF_8)))
                .isEqualTo(Verdict.GENUINE);
    }

    @Test
    void takesBase64AsShopifyWritesIt() {
        Verifier shopify = new Verifier(
                new SignatureScheme("X-Shopify-Hmac-SHA256", "", Encoding.BASE64),
                List.of(SigningKey.ofText("secret")));
        byte[] body = "foo=anything".getBytes(UTF_8);
        String signature = "yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI=";
        assertThat(shopify.verify(List.of(signature), body)).isEqualTo(Verdict.GENUINE);
        assertThat(shopify.verify(List.of(signature.replace('/', '_')), body)).isEqualTo(Verdict.MALFORMED);
    }

    @Test
    void aKeyDoesNotShowItself() {
        assertThat(SigningKey.ofText("test-secret").toString()).doesNotContain("test");
        assertThat(verifier.toString()).doesNotContain("test-secret");
    }

    private Verdict verify(String... values) {
        return verifier.verify(List.of(values), BODY.getBytes(UTF_8));
    }
}
