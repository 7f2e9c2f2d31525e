package dev.sluice.signature;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * What a sender and a receiver share so that the one can sign and the other verify. Shows itself to nobody who does not ask for
 * its {@link #text}: not in logs, and not as JSON either.
 */
public final class Secret {
    private static final String PREFIX = "whsec_";
    private static final int RANDOM_BYTES = 32;

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /** A new one as Standard Webhooks writes it: {@code whsec_} and 32 random bytes in base64. */
    public static Secret random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        // Made here and not once for all: a native image would keep the seed it was built with.
        new SecureRandom().nextBytes(bytes);
        return new Secret(PREFIX + Base64.getEncoder().encodeToString(bytes));
    }

    /** The secret that is written so; {@code text} must not be empty. */
    public static Secret ofText(String text) {
        return new Secret(text);
    }

    /** As it is handed out, stored sealed, and configured. */
    public String text() {
        return text;
    }

    /** Whether it can be a secret of Standard Webhooks: base64 of at least one byte, after {@code whsec_} or without it. */
    public boolean fitsStandardWebhooks() {
        return decoded().isPresent();
    }

    /** The key that is the whole text, {@code whsec_} included: {@code openssl dgst -sha256 -hmac "$SECRET"}. */
    SigningKey textKey() {
        return SigningKey.ofText(text);
    }

    /** The key of Standard Webhooks: the bytes that the text stands for.
     *
     * @throws IllegalArgumentException unless {@link #fitsStandardWebhooks}
     */
    SigningKey decodedKey() {
        return SigningKey.ofBytes(
                decoded().orElseThrow(() -> new IllegalArgumentException("the secret is not base64 after " + PREFIX)));
    }

    private Optional<byte[]> decoded() {
        try {
            byte[] bytes = Base64.getDecoder().decode(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
            return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
        } catch (IllegalArgumentException e) {
            // Never handed on: its message tells a character of the secret.
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "Secret[hidden]";
    }
}
