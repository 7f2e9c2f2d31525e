package dev.sluice.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * By what a repeated event is recognised: the first 112 bits of a SHA-256 over the source's name and either the id that the
 * sender gave the event or its raw body. Among a thousand million events the odds that any two distinct ones share an id are
 * about 1 in 10<sup>16</sup>; 14 bytes are what fits one allocation unit of a Redis hash field.
 *
 * @param text the bits in base64url without padding: 19 characters
 */
public record DedupId(String text) {
    private static final int BYTES = 14;
    private static final byte BY_BODY = 0;
    private static final byte BY_ID = 1;

    /** For senders without ids of their own: a retry is recognised by its bytes. */
    public static DedupId ofBody(String source, byte[] body) {
        return of(source, BY_BODY, body);
    }

    /** For senders that give each event an id and repeat it when they retry. */
    public static DedupId ofSenderId(String source, String id) {
        return of(source, BY_ID, id.getBytes(StandardCharsets.UTF_8));
    }

    /** The 14 bytes. */
    public byte[] bytes() {
        return Base64.getUrlDecoder().decode(text);
    }

    private static DedupId of(String source, byte kind, byte[] content) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(source.getBytes(StandardCharsets.UTF_8));
            // A source's name holds no control character, so the kind also ends the name.
            sha256.update(kind);
            byte[] digest = Arrays.copyOf(sha256.digest(content), BYTES);
            return new DedupId(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
