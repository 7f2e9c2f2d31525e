package dev.sluice.target;

import dev.sluice.signature.OutgoingSignature;
import dev.sluice.signature.PreviousSecret;
import dev.sluice.signature.Seal;
import dev.sluice.signature.Secret;
import dev.sluice.signature.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;

/** Makes targets of registered webhooks. */
@ApplicationScoped
public class WebhookTargets {
    private static final String DEFAULT_POLICY = "default";

    private final Seal seal;
    private final WebhookSettings settings;

    WebhookTargets(Seal seal, WebhookSettings settings) {
        this.seal = seal;
        this.settings = settings;
    }

    /** The target that a webhook is.
     *
     * @throws dev.sluice.signature.CannotOpen if its secrets cannot be opened: nothing could be sent to it
     */
    Target of(String id, Webhook webhook) {
        Target target = new Target(
                id,
                webhook.url(),
                settings.sources(),
                webhook.events().stream().map(Glob::new).toList(),
                policy(webhook),
                webhook.ordered(),
                webhook.enabled(),
                () -> Optional.of(signer(id, webhook)),
                Map.of());
        signer(id, webhook);
        return target;
    }

    /** Whether all its secrets are under the key that seals now. */
    public boolean isSealedWithTheNewestKey(Webhook webhook) {
        return seal.isCurrent(webhook.secret())
                && (webhook.previousSecret() == null || seal.isCurrent(webhook.previousSecret()));
    }

    /** The same with all its secrets under the key that seals now. */
    public Webhook sealedAnew(String id, Webhook webhook) {
        return webhook.withSecrets(
                seal.seal(seal.open(webhook.secret(), id), id),
                webhook.previousSecret() == null ? null : seal.seal(seal.open(webhook.previousSecret(), id), id),
                webhook.previousValidUntil());
    }

    private Signer signer(String id, Webhook webhook) {
        Secret current = seal.open(webhook.secret(), id);
        PreviousSecret previous = webhook.previousSecret() == null || webhook.previousValidUntil() == null
                ? null
                : new PreviousSecret(seal.open(webhook.previousSecret(), id), webhook.previousValidUntil());
        return new Signer(EnumSet.allOf(OutgoingSignature.class), current, previous);
    }

    /** One that is no longer configured must not keep events from going out. */
    private String policy(Webhook webhook) {
        return webhook.policy() != null && settings.policies().contains(webhook.policy())
                ? webhook.policy()
                : DEFAULT_POLICY;
    }
}
