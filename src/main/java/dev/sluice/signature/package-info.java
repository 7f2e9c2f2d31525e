/**
 * Signatures: verifies what comes in, signs what goes out. Knows keys and bytes, neither HTTP nor Redis.
 */
@NullMarked
package dev.sluice.signature;

import org.jspecify.annotations.NullMarked;
