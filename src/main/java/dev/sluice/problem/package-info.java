/**
 * Errors as {@code application/problem+json} (RFC 9457), for every endpoint.
 */
@NullMarked
package dev.sluice.problem;

import org.jspecify.annotations.NullMarked;
