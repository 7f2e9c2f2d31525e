package dev.sluice.target;

import dev.sluice.signature.CannotOpen;
import dev.sluice.signature.OutgoingSignature;
import dev.sluice.signature.PreviousSecret;
import dev.sluice.signature.Seal;
import dev.sluice.signature.Secret;
import dev.sluice.signature.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
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
                new Filters(webhook.filters()),
                policy(webhook),
                webhook.ordered(),
                webhook.enabled() && opens(id, webhook),
                () -> Optional.of(signer(id, webhook)),
                Map.of(),
                Connection.ORDINARY);
    }

    private boolean opens(String id, Webhook webhook) {
        try {
            seal.open(webhook.secret(), id);
            return true;
        } catch (CannotOpen e) {
            LOG.errorf("nothing is sent to webhook %s: its secret cannot be opened: %s", id, e.getMessage());
            return false;
        }
    }

    /** Whether its secrets can be opened, but not all of them are under the key that seals now. */
    boolean isSealedWithAnOldKey(String id, Webhook webhook) {
        try {
            boolean current = seal.isCurrent(webhook.secret())
                    && (webhook.previousSecret() == null || seal.isCurrent(webhook.previousSecret()));
            if (!current) {
                seal.open(webhook.secret(), id);
            }
            return !current;
        } catch (CannotOpen e) {
            // Told when it was heard of; nobody can seal it anew.
            return false;
        }
    }

    /**
     * The same with all its secrets under the key that seals now; a previous one that signs no longer, or that nobody can open any
     * more, is dropped.
     */
    Webhook sealedAnew(String id, Webhook webhook) {
        Optional<Secret> previous =
                webhook.hasAnOutdatedSecret(Instant.now()) ? Optional.empty() : previous(id, webhook);
        return webhook.withSecrets(
                seal.seal(seal.open(webhook.secret(), id), id),
                previous.map(secret -> seal.seal(secret, id)).orElse(null),
                previous.isPresent() ? webhook.previousValidUntil() : null);
    }

    private Signer signer(String id, Webhook webhook) {
        Secret current = seal.open(webhook.secret(), id);
        Instant until = webhook.previousValidUntil();
        PreviousSecret previous = until == null
                ? null
                : previous(id, webhook)
                        .map(secret -> new PreviousSecret(secret, until))
                        .orElse(null);
        return new Signer(EnumSet.allOf(OutgoingSignature.class), current, previous);
    }

    /** Without it the current one signs all the same. */
    private Optional<Secret> previous(String id, Webhook webhook) {
        try {
            return Optional.ofNullable(webhook.previousSecret()).map(text -> seal.open(text, id));
        } catch (CannotOpen e) {
            return Optional.empty();
        }
    }

    /** One that is no longer configured must not keep events from going out. */
    private String policy(Webhook webhook) {
        return webhook.policy() != null && settings.policies().contains(webhook.policy())
                ? webhook.policy()
                : DEFAULT_POLICY;
    }
}
