/**
 * The way in: {@code POST /in/{source}}. {@link dev.sluice.ingress.Ingress} names the steps of the walk in order: verify,
 * read, accept, answer; each is one call into another package, and no step knows the one after it.
 */
@NullMarked
package dev.sluice.ingress;

import org.jspecify.annotations.NullMarked;
