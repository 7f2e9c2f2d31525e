/**
 * The gateways that share one Redis: who is there, and how much each has heard of the registered webhooks. Only for dividing
 * up work and for knowing when news has reached everyone: what is delivered rests on leases alone.
 */
@NullMarked
package dev.sluice.fleet;

import org.jspecify.annotations.NullMarked;
