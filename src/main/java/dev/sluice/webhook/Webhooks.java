package dev.sluice.webhook;

import dev.sluice.delivery.WebhookSwitch;
import dev.sluice.signature.Seal;
import dev.sluice.signature.Secret;
import dev.sluice.target.Registry.Registered;
import dev.sluice.target.Target;
import dev.sluice.target.Webhook;
import dev.sluice.target.WebhookChanges;
import dev.sluice.target.WebhookSettings;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Registers webhooks, changes them and takes them away. What it answers holds for every gateway that there is. */
@ApplicationScoped
class Webhooks {
    private static final int ID_BYTES = 15;

    private final WebhookChanges changes;
    private final WebhookSwitch power;
    private final Clearing clearing;
    private final Seal seal;
    private final WebhookSettings settings;
    private final InstantSource time;

    /** A webhook and the secret that is handed out once. */
    record WithSecret(String id, Webhook webhook, Secret secret) {}

    Webhooks(
            WebhookChanges changes,
            WebhookSwitch power,
            Clearing clearing,
            Seal seal,
            WebhookSettings settings,
            InstantSource time) {
        this.changes = changes;
        this.power = power;
        this.clearing = clearing;
        this.seal = seal;
        this.settings = settings;
        this.time = time;
    }

    Uni<WithSecret> register(WebhookRequest request) {
        String id = newId();
        Secret secret = Secret.random();
        Webhook webhook = new Webhook(
                request.url().orElseThrow(),
                request.events().orElseThrow(),
                request.filters().orElse(List.of()),
                request.ordered().orElse(true),
                request.policy().orElse(null),
                request.description().orElse(null),
                true,
                null,
                now(),
                seal.seal(secret, id),
                null,
                null);
        return changes.add(id, webhook)
                .chain(added -> added ? Uni.createFrom().item(new WithSecret(id, webhook, secret)) : register(request));
    }

    /** Changes one; empty when there is none of that id. */
    Uni<Optional<Registered>> change(String id, WebhookRequest request) {
        Uni<Optional<Registered>> changed = changes.change(
                id,
                webhook -> webhook.with(
                        request.url().orElse(webhook.url()),
                        request.events().orElse(webhook.events()),
                        request.filters().orElse(webhook.filters())));
        if (request.enabled().isEmpty()) {
            return changed;
        }
        return changed.chain(found -> {
            if (found.isEmpty()) {
                return Uni.createFrom().item(found);
            }
            return request.enabled().get()
                    ? power.enable(id)
                    : power.disable(id, "disabled through the API", webhook -> true);
        });
    }

    /** Gives one a new secret; the one before signs beside it for a while. */
    Uni<Optional<WithSecret>> rotate(String id) {
        Secret secret = Secret.random();
        Instant until = now().plus(settings.secretOverlap());
        return changes.change(id, webhook -> webhook.rotate(seal.seal(secret, id), until))
                .map(changed -> changed.map(registered -> new WithSecret(id, registered.webhook(), secret)));
    }

    /**
     * Takes one away. Done when no gateway begins to send anything to it any more; what is queued for it is then cleared away.
     *
     * @return false when there is none of that id
     */
    Uni<Boolean> unsubscribe(String id) {
        return changes.remove(id).invoke(removed -> {
            if (removed) {
                clearing.begin();
            }
        });
    }

    private Instant now() {
        return time.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static String newId() {
        byte[] bytes = new byte[ID_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Target.REGISTERED + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
