/**
 * The Webhook API. Publishing: a body is taken for one event, a JSON array or NDJSON ({@link PublishReader}); each event of it
 * is read in one pass that notes where its members stand ({@link PublicationReader}) and held against their rules
 * ({@link MemberRules}); what is sound is put together, byte for byte, as its recipients get it.
 */
@NullMarked
package dev.sluice.webhook;

import org.jspecify.annotations.NullMarked;
