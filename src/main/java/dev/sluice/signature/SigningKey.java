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
        return ofBytes(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** The key that is {@code secret}, which must not be empty. */
    static SigningKey ofBytes(byte[] secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return new SigningKey(mac);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
        }
    }

    /** The signature of a content that comes in pieces, so that nobody has to copy them together. */
    public byte[] sign(byte[]... pieces) {
        try {
            Mac mac = (Mac) keyed.clone();
            for (byte[] piece : pieces) {
                mac.update(piece);
            }
            return mac.doFinal();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the runtime's own " + ALGORITHM + " can be cloned", e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[hidden]";
    }
}
