package dev.sluice.signature;

import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Tells whether a message was signed by someone who holds one of the secrets.
 *
 * @param scheme where the signature stands and how it is written
 * @param keys every secret that is valid now: more than one while a secret is being rotated
 */
public record Verifier(SignatureScheme scheme, List<SigningKey> keys) {

    /** What the check came to. */
    public enum Verdict {
        /** Signed with one of the keys. */
        GENUINE,
        /** There is no signature header. */
        MISSING,
        /** The signature header stands there more than once: which one would count is anybody's guess. */
        REPEATED,
        /** Not written as the scheme has it: empty, another prefix, another encoding or another length. */
        MALFORMED,
        /** Well written, but by none of the keys over this body. */
        MISMATCH
    }

    /**
     * Compares in constant time, and with every key, so that neither a near miss nor which key matched shows in the time.
     *
     * @param values all values of the scheme's header
     * @param body the raw body, exactly as received
     */
    public Verdict verify(List<String> values, byte[] body) {
        if (values.size() != 1) {
            return values.isEmpty() ? Verdict.MISSING : Verdict.REPEATED;
        }
        Optional<byte[]> signature = scheme.read(values.get(0));
        if (signature.isEmpty()) {
            return Verdict.MALFORMED;
        }
        boolean genuine = false;
        for (SigningKey key : keys) {
            genuine |= MessageDigest.isEqual(key.sign(body), signature.get());
        }
        return genuine ? Verdict.GENUINE : Verdict.MISMATCH;
    }
}
