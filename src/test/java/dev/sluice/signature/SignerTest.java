package dev.sluice.signature;

import static dev.sluice.signature.OutgoingSignature.OPTONDEMAND;
import static dev.sluice.signature.OutgoingSignature.STANDARD_WEBHOOKS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is sent, checked by verifiers that are not ours. */
class SignerTest {
    private static final Set<OutgoingSignature> BOTH = Set.of(OPTONDEMAND, STANDARD_WEBHOOKS);
    private static final String ID = "x7Zk0pQ2c9W1sB4nH6aYtE8.42";
    private static final String BODY =
            "{ \"event\":\"ORDER_STATUS_UPDATED\",\n \"data\":{\"name\":\"J\u00fcrgen \u2603\"}}\r\n";
    private static final byte[] BYTES = BODY.getBytes(UTF_8);

    private final Secret current = Secret.random();
    private final Secret old = Secret.random();

    @Test
    void signsAsTheProviderDoes() {
        Signer signer = new Signer(Set.of(OPTONDEMAND), Secret.ofText("test-secret"), null);
        byte[] body = "{\"event\":\"ORDER_STATUS_UPDATED\",\"timestamp\":\"2025-07-08T12:34:56Z\",\"data\":{}}"
                .getBytes(UTF_8);
        assertThat(signer.headers(ID, Instant.now(), body))
                .containsExactlyEntriesOf(Map.of(
                        "X-Signature", "sha256=e92670cfdf398dc8ac580bee124dcd820d09e66487b65270fe42446f3dc9bc90"));
    }

    @Test
    void signsAsStandardWebhooksHasIt() {
        Signer signer =
                new Signer(Set.of(STANDARD_WEBHOOKS), Secret.ofText("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), null);
        assertThat(signer.headers(
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        Instant.ofEpochSecond(1614265330, 999_999_999),
                        "{\"test\": 2432232314}".getBytes(UTF_8)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "Webhook-Id",
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "Webhook-Timestamp",
                        "1614265330",
                        "Webhook-Signature",
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    @Test
    void opensslAgrees() throws Exception {
        Map<String, String> headers = new Signer(BOTH, current, null).headers(ID, Instant.now(), BYTES);
        assertThat(headers).containsEntry("X-Signature", "sha256=" + OpenSsl.hmac(current.text(), BYTES));
    }

    @Test
    void theStandardsOwnVerifierAndSvixAgree() throws Exception {
        for (Secret secret : List.of(current, Secret.ofText(old.text().substring("whsec_".length())))) {
            Map<String, String> headers = new Signer(BOTH, secret, null).headers(ID, Instant.now(), BYTES);
            verify(secret, headers);
        }
    }

    @Test
    void theStandardsOwnVerifierRefusesAnotherIdTimeOrBody() {
        for (String header : List.of("Webhook-Id", "Webhook-Timestamp")) {
            Map<String, String> headers = new TreeMap<>(
                    new Signer(BOTH, current, null).headers(ID, Instant.now().minusSeconds(9), BYTES));
            headers.computeIfPresent(
                    header,
                    (name, value) -> value.substring(0, value.length() - 1) + (value.endsWith("1") ? "2" : "1"));
            assertThatThrownBy(() -> verify(current, headers)).isInstanceOf(WebhookVerificationException.class);
        }
        Map<String, String> headers = new Signer(BOTH, current, null).headers(ID, Instant.now(), "{}".getBytes(UTF_8));
        assertThatThrownBy(() -> verify(current, headers)).isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void bothSecretsSignUntilThePreviousOneEndsEachWhereItsReceiversLook() throws Exception {
        Instant now = Instant.now();
        Signer signer = new Signer(BOTH, current, new PreviousSecret(old, now.plusNanos(1)));
        Map<String, String> headers = signer.headers(ID, now, BYTES);
        assertThat(headers)
                .hasSize(5)
                .containsEntry("X-Signature", "sha256=" + OpenSsl.hmac(current.text(), BYTES))
                .containsEntry("X-Signature-Previous", "sha256=" + OpenSsl.hmac(old.text(), BYTES));
        verify(current, headers);
        verify(old, headers);
        assertThat(headers.get("Webhook-Signature"))
                .as("the new one first")
                .matches("v1,[^ ]{44} v1,[^ ]{44}")
                .startsWith(new com.standardwebhooks.Webhook(current.text()).sign(ID, now.getEpochSecond(), BODY));
    }

    @Test
    void onlyTheNewSecretSignsFromThenOn() throws Exception {
        Instant end = Instant.now();
        Signer signer = new Signer(BOTH, current, new PreviousSecret(old, end));
        for (Instant at : List.of(end, end.plus(Duration.ofSeconds(1)))) {
            Map<String, String> headers = signer.headers(ID, at, BYTES);
            assertThat(headers).isEqualTo(new Signer(BOTH, current, null).headers(ID, at, BYTES));
            verify(current, headers);
            assertThatThrownBy(() -> verify(old, headers)).isInstanceOf(WebhookVerificationException.class);
        }
    }

    @Test
    void takesNoSecretThatIsNotBase64ForTheStandardAndDoesNotTellIt() {
        Secret text = Secret.ofText("target-secret");
        assertThatThrownBy(() -> new Signer(BOTH, text, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("target-secret");
        assertThatThrownBy(() -> new Signer(BOTH, current, new PreviousSecret(text, Instant.MAX)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("target-secret");
    }

    @Test
    void doesNotShowItsSecrets() {
        PreviousSecret previous = new PreviousSecret(old, Instant.MAX);
        assertThat(new Signer(BOTH, current, previous).toString() + previous)
                .doesNotContain(current.text().substring(6), old.text().substring(6));
    }

    private static void verify(Secret secret, Map<String, String> headers) throws Exception {
        Map<String, List<String>> received = headers.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> List.of(header.getValue())));
        new com.standardwebhooks.Webhook(secret.text()).verify(BODY, received);
        new com.svix.Webhook(secret.text()).verify(BODY, received);
    }
}
