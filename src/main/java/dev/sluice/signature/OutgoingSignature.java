package dev.sluice.signature;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The signatures that a message may bear when it leaves the gateway; a receiver checks the one it knows. */
public enum OutgoingSignature {
    /**
     * As the provider Opt On Demand signs: the body, with the whole text of the secret. Its receivers compare one value, so a
     * previous secret signs in a header of its own.
     */
    OPTONDEMAND {
        @Override
        SigningKey key(Secret secret) {
            return secret.textKey();
        }

        @Override
        Map<String, String> headers(List<SigningKey> keys, String id, Instant at, byte[] body) {
            SignatureScheme scheme = SignatureScheme.OPTONDEMAND;
            String signature = scheme.write(keys.get(0).sign(body));
            return keys.size() == 1
                    ? Map.of(scheme.header(), signature)
                    : Map.of(
                            scheme.header(),
                            signature,
                            scheme.header() + "-Previous",
                            scheme.write(keys.get(1).sign(body)));
        }
    },

    /**
     * As standardwebhooks.com has it: id, time of the attempt and body, with the decoded secret. One header holds a signature by
     * each secret. The full stops between the parts can stand in an id as well, so nobody but the gateway may choose one.
     */
    STANDARD_WEBHOOKS {
        @Override
        SigningKey key(Secret secret) {
            return secret.decodedKey();
        }

        @Override
        Map<String, String> headers(List<SigningKey> keys, String id, Instant at, byte[] body) {
            String seconds = Long.toString(at.getEpochSecond());
            byte[] before = (id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8);
            return Map.of(
                    "Webhook-Id",
                    id,
                    "Webhook-Timestamp",
                    seconds,
                    "Webhook-Signature",
                    keys.stream()
                            .map(key -> "v1," + Base64.getEncoder().encodeToString(key.sign(before, body)))
                            .collect(Collectors.joining(" ")));
        }
    };

    /** What a secret becomes to sign so.
     *
     * @throws IllegalArgumentException if it cannot
     */
    abstract SigningKey key(Secret secret);

    /** The headers that prove the message.
     *
     * @param keys all that sign, the newest first
     */
    abstract Map<String, String> headers(List<SigningKey> keys, String id, Instant at, byte[] body);
}
