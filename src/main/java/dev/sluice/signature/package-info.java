/**
 * Signatures: verifies what comes in ({@link dev.sluice.signature.Verifier}), signs what goes out ({@link
 * dev.sluice.signature.Signer}), and seals the secrets that are stored ({@link dev.sluice.signature.Seal}). Knows keys and
 * bytes, neither HTTP nor Redis.
 */
@NullMarked
package dev.sluice.signature;

import org.jspecify.annotations.NullMarked;
