/**
 * The gateways that share one Redis: who is there, how much each has heard of the registered webhooks, the rates that they keep
 * to together, and which targets are paused. Only for dividing up work and for knowing when news has reached everyone: what is
 * delivered rests on leases alone.
 */
@NullMarked
package dev.sluice.fleet;

import org.jspecify.annotations.NullMarked;
