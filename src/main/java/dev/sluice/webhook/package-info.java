/**
 * The Webhook API of an event provider. Developers register URLs: {@link dev.sluice.webhook.WebhookResource}, behind it {@link
 * dev.sluice.webhook.Webhooks}, and {@link dev.sluice.webhook.Clearing} for what one leaves behind. An application publishes:
 * {@link dev.sluice.webhook.PublishResource} reads its request ({@link dev.sluice.webhook.PublishReader}), {@link
 * dev.sluice.webhook.Publishing} puts the events where those of any source go.
 */
@NullMarked
package dev.sluice.webhook;

import org.jspecify.annotations.NullMarked;
