package dev.sluice.delivery;

import dev.sluice.target.WebhookSettings;
import dev.sluice.target.WebhookStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Disables registered webhooks that want nothing more, or that have failed for too long, where that is configured. Since when one
 * fails is kept in Redis, for all gateways together; it is asked for only now and then.
 */
@ApplicationScoped
class FailingWebhooks {
    private static final Logger LOG = Logger.getLogger(FailingWebhooks.class);
    private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(10);

    private final WebhookSwitch power;
    private final WebhookStore store;
    private final WebhookSettings settings;

    /** Webhooks whose last attempt here succeeded, and when others were last asked for. */
    private final Set<String> well = ConcurrentHashMap.newKeySet();

    private final Map<String, Long> asked = new ConcurrentHashMap<>();

    FailingWebhooks(WebhookSwitch power, WebhookStore store, WebhookSettings settings) {
        this.power = power;
        this.store = store;
        this.settings = settings;
    }

    /** An attempt to send to a webhook has ended. */
    void ended(String id, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed && failed.isGone()) {
            disable(id, "the endpoint answered 410 Gone");
        } else if (settings.disableAfter().isPresent()) {
            watch(id, outcome, settings.disableAfter().get());
        }
    }

    private void watch(String id, Outcome outcome, Duration longest) {
        if (outcome instanceof Outcome.Delivered) {
            asked.remove(id);
            if (well.add(id)) {
                tell(id, true, longest);
            }
        } else if (outcome instanceof Outcome.Failed) {
            well.remove(id);
            long now = System.nanoTime();
            Long before = asked.get(id);
            if (before == null || now - before > ASKED_AGAIN_AFTER.toNanos()) {
                asked.put(id, now);
                tell(id, false, longest);
            }
        }
    }

    private void tell(String id, boolean delivered, Duration longest) {
        store.ended(id, delivered)
                .subscribe()
                .with(
                        failing -> {
                            if (failing.compareTo(longest) >= 0) {
                                disable(id, "it has failed for " + longest.toSeconds() + " s without a single success");
                            }
                        },
                        failure -> LOG.debugf("not known for how long %s fails: %s", id, failure.getMessage()));
    }

    private void disable(String id, String reason) {
        power.disable(id, reason)
                .subscribe()
                .with(disabled -> {}, failure -> LOG.warnf("cannot disable %s: %s", id, failure.getMessage()));
    }
}
