package dev.sluice.signature;

import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Signs the messages to one receiver: with its secret, and with the one before while that is still valid. */
public final class Signer {
    /** Of each signature, the newest first. */
    private final Map<OutgoingSignature, List<SigningKey>> keys = new EnumMap<>(OutgoingSignature.class);

    private final Instant previousUntil;

    /**
     * Makes the keys.
     *
     * @param signatures the signatures that a message is to bear
     * @param current the receiver's secret
     * @param previous the one before; null when none is being replaced
     * @throws IllegalArgumentException if {@link OutgoingSignature#STANDARD_WEBHOOKS} is among the signatures and a secret is
     *     not {@linkplain Secret#fitsStandardWebhooks base64}
     */
    public Signer(Set<OutgoingSignature> signatures, Secret current, @Nullable PreviousSecret previous) {
        for (OutgoingSignature signature : signatures) {
            keys.put(
                    signature,
                    previous == null
                            ? List.of(signature.key(current))
                            : List.of(signature.key(current), signature.key(previous.secret())));
        }
        previousUntil = previous == null ? Instant.MIN : previous.validUntil();
    }

    /** The headers by which the receiver can tell that a message is genuine.
     *
     * @param id the message's id, the same at each attempt
     * @param at the time of this attempt
     * @param body the raw body, exactly as it is sent
     */
    public Map<String, String> headers(String id, Instant at, byte[] body) {
        boolean rotating = at.isBefore(previousUntil);
        Map<String, String> headers = new HashMap<>();
        keys.forEach((signature, all) ->
                headers.putAll(signature.headers(rotating ? all : all.subList(0, 1), id, at, body)));
        return headers;
    }

    @Override
    public String toString() {
        return "Signer" + keys.keySet();
    }
}
