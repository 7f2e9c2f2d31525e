package dev.sluice.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The SHA-256 of an API key, which the gateway keeps instead of the key. A plain digest is enough where keys are random: there
 * is nothing to guess. It never shows itself: not in logs, not in {@link #toString}.
 */
public final class KeyDigest {
    private static final int HEX_DIGITS = 64;

    private final byte[] sha256;

    private KeyDigest(byte[] sha256) {
        this.sha256 = sha256;
    }

    public static KeyDigest of(String key) {
        try {
            return new KeyDigest(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** Reads one that is written in hexadecimal; empty when that is not what {@code text} is. */
    public static Optional<KeyDigest> ofHex(String text) {
        if (text.length() != HEX_DIGITS) {
            return Optional.empty();
        }
        try {
            return Optional.of(new KeyDigest(HexFormat.of().parseHex(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** In constant time: how long it takes tells nothing about where they differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof KeyDigest digest && MessageDigest.isEqual(sha256, digest.sha256);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sha256);
    }

    @Override
    public String toString() {
        return "KeyDigest[hidden]";
    }
}
