package dev.sluice.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Keeps secrets unreadable where they are stored. The first key seals, all of them open: to change the key, put a new one first
 * and seal anew what is not {@link #isCurrent}.
 *
 * <p>A sealed secret is the base64url text of a version, the key's id, a random nonce, and the secret under AES-256-GCM. The
 * owner is authenticated with it: what was sealed for one does not open for another.
 */
public final class Seal {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int HEAD_BYTES = 1 + SealingKey.ID_BYTES;

    private final List<SealingKey> keys;
    private final SecureRandom random = new SecureRandom();

    /**
     * Seals and opens with these.
     *
     * @param keys the newest first, no two with the same id; without any, nothing can be sealed or opened
     */
    public Seal(List<SealingKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Whether there is no key. */
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Seals a secret of {@code owner} with the first key. */
    public String seal(Secret secret, String owner) {
        if (keys.isEmpty()) {
            throw new IllegalStateException("there is no key to seal with");
        }
        SealingKey key = keys.get(0);
        byte[] content = secret.text().getBytes(StandardCharsets.UTF_8);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        ByteBuffer sealed = ByteBuffer.allocate(HEAD_BYTES + NONCE_BYTES + content.length + TAG_BYTES)
                .put(VERSION)
                .put(HexFormat.of().parseHex(key.id()))
                .put(nonce);
        try {
            sealed.put(cipher(Cipher.ENCRYPT_MODE, key, sealed.array(), owner).doFinal(content));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing takes any content", e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed.array());
    }

    /** Opens what was sealed for {@code owner}.
     *
     * @throws CannotOpen if none of the keys opens it, or it was changed, or sealed for another owner
     */
    public Secret open(String sealed, String owner) {
        byte[] bytes = bytes(sealed);
        String id = keyId(bytes);
        SealingKey key = keys.stream()
                .filter(candidate -> candidate.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new CannotOpen("it was sealed with key " + id + ", which is not among " + keys));
        try {
            int begin = HEAD_BYTES + NONCE_BYTES;
            byte[] content = cipher(Cipher.DECRYPT_MODE, key, bytes, owner).doFinal(bytes, begin, bytes.length - begin);
            return Secret.ofText(new String(content, StandardCharsets.UTF_8));
        } catch (AEADBadTagException e) {
            throw new CannotOpen("key " + id + " does not open it: it was changed, or sealed for another owner");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("opening takes any content that is long enough", e);
        }
    }

    /** Whether it was sealed with the first key; otherwise it can be opened and sealed anew.
     *
     * @throws CannotOpen if it is no sealed secret
     */
    public boolean isCurrent(String sealed) {
        return !keys.isEmpty() && keys.get(0).id().equals(keyId(bytes(sealed)));
    }

    /**
     * Ready to seal or open. The version and the key's id are authenticated as well, before the owner: they are of fixed length,
     * so no other head and owner read the same.
     *
     * @param sealed the head and the nonce, at least
     */
    private static Cipher cipher(int mode, SealingKey key, byte[] sealed, String owner) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, sealed, HEAD_BYTES, NONCE_BYTES));
            cipher.updateAAD(sealed, 0, HEAD_BYTES);
            cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has AES-256-GCM", e);
        }
    }

    private static byte[] bytes(String sealed) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(sealed);
        } catch (IllegalArgumentException e) {
            throw new CannotOpen("it is no sealed secret: not base64url");
        }
        if (bytes.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) {
            throw new CannotOpen("it is no sealed secret: too short");
        }
        if (bytes[0] != VERSION) {
            throw new CannotOpen("it was sealed by another version: " + bytes[0]);
        }
        return bytes;
    }

    private static String keyId(byte[] sealed) {
        return HexFormat.of().formatHex(sealed, 1, HEAD_BYTES);
    }
}
