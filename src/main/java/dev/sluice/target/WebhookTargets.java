package dev.sluice.target;

import dev.sluice.signature.CannotOpen;
import dev.sluice.signature.OutgoingSignature;
import dev.sluice.signature.PreviousSecret;
import dev.sluice.signature.Seal;
import dev.sluice.signature.Secret;
import dev.sluice.signature.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Makes targets of registered webhooks. */
@ApplicationScoped
public class WebhookTargets {
    private static final Logger LOG = Logger.getLogger(WebhookTargets.class);
    private static final String DEFAULT_POLICY = "default";

    private final Seal seal;
    private final WebhookSettings settings;

    WebhookTargets(Seal seal, WebhookSettings settings) {
        this.seal = seal;
        this.settings = settings;
    }

    /** The target that a webhook is; one whose secret cannot be opened is sent nothing. */
    Target of(String id, Webhook webhook) {
        return new Target(
                id,
                webhook.url(),
                settings.sources(),
                webhook.events().stream().map(Glob::new).toList(),
                policy(webhook),
                webhook.ordered(),
                webhook.enabled() && opens(id, webhook),
                () -> Optional.of(signer(id, webhook)),
                Map.of());
    }

    private boolean opens(String id, Webhook webhook) {
        try {
            signer(id, webhook);
            return true;
        } catch (CannotOpen e) {
            LOG.errorf("nothing is sent to webhook %s: its secret cannot be opened: %s", id, e.getMessage());
            return false;
        }
    }

    /** Whether all its secrets are under the key that seals now. */
    boolean isSealedWithTheNewestKey(Webhook webhook) {
        return seal.isCurrent(webhook.secret())
                && (webhook.previousSecret() == null || seal.isCurrent(webhook.previousSecret()));
    }

    /** The same with all its secrets under the key that seals now. */
    Webhook sealedAnew(String id, Webhook webhook) {
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
