package dev.sluice.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A secret that signs with HMAC-SHA256 (RFC 2104). It never shows itself: not in logs, not in {@link #toString}. */
public final class SigningKey {
    /** The length of a signature in bytes. */
    public static final int SIGNATURE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    /** Keyed once and cloned for every use, which spares the look-up of the algorithm and the hashing of the key. */
    private final Mac keyed;

    private SigningKey(Mac keyed) {
        this.keyed = keyed;
    }

    /** The key that is the UTF-8 bytes of {@code secret}, which must not be empty. */
    public static SigningKey ofText(String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return new SigningKey(mac);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
        }
    }

    /** The signature of {@code content}. */
    public byte[] sign(byte[] content) {
        try {
            return ((Mac) keyed.clone()).doFinal(content);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the runtime's own " + ALGORITHM + " can be cloned", e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[hidden]";
    }
}
