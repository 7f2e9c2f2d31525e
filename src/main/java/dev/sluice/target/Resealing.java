package dev.sluice.target;

import dev.sluice.fleet.Heartbeat;
import dev.sluice.fleet.Pods;
import dev.sluice.target.Registry.Registered;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Goes over the registered webhooks again and again, a few at each heartbeat, and seals those secrets anew that an old key has
 * sealed; those that sign no longer it drops. One gateway does it for all. When it has found none, the old key can be taken out of the configuration.
 */
@ApplicationScoped
class Resealing {
    private static final Logger LOG = Logger.getLogger(Resealing.class);
    private static final int LOOKED_AT_A_BEAT = 100;
    private static final String BEGINNING = "";

    private final Registry registry;
    private final WebhookChanges changes;
    private final WebhookTargets webhookTargets;
    private final WebhookSettings settings;
    private final Heartbeat heartbeat;
    private final Pods pods;
    private String lookedAtUpTo = BEGINNING;
    private boolean foundOne;
    private boolean told;

    Resealing(
            Registry registry,
            WebhookChanges changes,
            WebhookTargets webhookTargets,
            WebhookSettings settings,
            Heartbeat heartbeat,
            Pods pods) {
        this.registry = registry;
        this.changes = changes;
        this.webhookTargets = webhookTargets;
        this.settings = settings;
        this.heartbeat = heartbeat;
        this.pods = pods;
    }

    /** Before the heart begins to beat, which it does on one event loop. */
    void follow(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent started) {
        heartbeat.listen(beat -> {
            if (settings.enabled() && pods.isFirst() && registry.isCurrent()) {
                lookAtSome();
            }
        });
    }

    private void lookAtSome() {
        List<Registered> some = registry.after(lookedAtUpTo, LOOKED_AT_A_BEAT);
        for (Registered each : some) {
            boolean withAnOldKey = webhookTargets.isSealedWithAnOldKey(each.id(), each.webhook());
            foundOne |= withAnOldKey;
            if (withAnOldKey || each.webhook().hasAnOutdatedSecret(Instant.now())) {
                sealAnew(each.id());
            }
        }
        if (some.size() == LOOKED_AT_A_BEAT) {
            lookedAtUpTo = some.get(LOOKED_AT_A_BEAT - 1).id();
            return;
        }
        if (!foundOne && !told) {
            LOG.info("every webhook's secret is sealed with the first key now");
        }
        told = !foundOne;
        foundOne = false;
        lookedAtUpTo = BEGINNING;
    }

    private void sealAnew(String id) {
        changes.change(id, webhook -> webhookTargets.sealedAnew(id, webhook))
                .subscribe()
                .with(done -> {}, failure -> LOG.debugf("%s is sealed anew later: %s", id, failure.getMessage()));
    }
}
