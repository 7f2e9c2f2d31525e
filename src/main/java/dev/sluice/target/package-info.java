/**
 * Where events go: the targets, and which events each of them wants, by source, type and what stands in the body. Some are configured; others are webhooks that somebody
 * registered: {@link dev.sluice.target.WebhookStore} keeps them in Redis, {@link dev.sluice.target.Registry} keeps this gateway
 * up with it, and {@link dev.sluice.target.Targets} knows all of them as one.
 */
@NullMarked
package dev.sluice.target;

import org.jspecify.annotations.NullMarked;
