package dev.sluice.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** A key of AES-256 under which secrets are sealed. Only its id ever shows. */
public final class SealingKey {
    /** The length of a key in bytes. */
    public static final int BYTES = 32;

    /** The length of an id in bytes. */
    static final int ID_BYTES = 4;

    /** Sets the hash apart from any other that may be taken of the same key. */
    private static final byte[] ID_DOMAIN = "sluice sealing key id".getBytes(StandardCharsets.US_ASCII);

    private final SecretKey key;
    private final String id;

    private SealingKey(SecretKey key, String id) {
        this.key = key;
        this.id = id;
    }

    /** The key that is these bytes.
     *
     * @throws IllegalArgumentException if there are not 32 of them
     */
    public static SealingKey ofBytes(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a sealing key is " + BYTES + " bytes long, not " + bytes.length);
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(ID_DOMAIN);
            byte[] id = Arrays.copyOf(sha256.digest(bytes), ID_BYTES);
            return new SealingKey(
                    new SecretKeySpec(bytes, "AES"), HexFormat.of().formatHex(id));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** Eight hexadecimal digits by which it is known, in what it sealed and in messages. */
    public String id() {
        return id;
    }

    SecretKey key() {
        return key;
    }

    @Override
    public String toString() {
        return "SealingKey[" + id + "]";
    }
}
