package dev.sluice.signature;

import java.time.Instant;

/**
 * The secret that another one has replaced. It goes on signing beside the new one for a while, so that the receiver can change
 * over in its own time.
 *
 * @param secret the old secret
 * @param validUntil from then on only the new one signs
 */
public record PreviousSecret(Secret secret, Instant validUntil) {}
