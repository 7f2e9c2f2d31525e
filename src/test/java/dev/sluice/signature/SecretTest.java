package dev.sluice.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
    private static final byte[] CONTENT = "content".getBytes(UTF_8);

    @Test
    void aRandomOneIs32BytesInBase64AfterThePrefixAndNeverTheSame() {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            String text = Secret.random().text();
            assertThat(text).matches("whsec_[A-Za-z0-9+/]{43}=");
            assertThat(Base64.getDecoder().decode(text.substring(6))).hasSize(32);
            texts.add(text);
        }
        assertThat(texts).hasSize(100);
    }

    @Test
    void thePrefixIsPartOfTheTextAndNotOfWhatItStandsFor() {
        byte[] bytes = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
        String base64 = Base64.getEncoder().encodeToString(bytes);
        for (String text : Set.of("whsec_" + base64, base64)) {
            Secret secret = Secret.ofText(text);
            assertThat(secret.fitsStandardWebhooks()).isTrue();
            assertThat(secret.textKey().sign(CONTENT))
                    .isEqualTo(SigningKey.ofText(text).sign(CONTENT));
            assertThat(secret.decodedKey().sign(CONTENT))
                    .isEqualTo(SigningKey.ofBytes(bytes).sign(CONTENT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"target-secret", "whsec_", "whsec_a_b=", "WHSEC_AAAA", "whsec_whsec_AAAA", "AAA AAAA"})
    void whatIsNotBase64StandsForNoBytesAndDoesNotShowInTheException(String text) {
        Secret secret = Secret.ofText(text);
        assertThat(secret.fitsStandardWebhooks()).isFalse();
        Throwable thrown = catchThrowable(secret::decodedKey);
        assertThat(thrown)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the secret is not base64 after whsec_")
                .hasNoCause();
    }

    @Test
    void showsItselfNeitherAsTextNorAsJson() throws Exception {
        Secret secret = Secret.random();
        assertThat(secret).hasToString("Secret[hidden]");
        assertThat(new ObjectMapper()
                        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                        .writeValueAsString(secret))
                .isEqualTo("{}");
    }
}
