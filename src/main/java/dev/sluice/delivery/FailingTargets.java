package dev.sluice.delivery;

import dev.sluice.target.Target;
import dev.sluice.target.Webhook;
import dev.sluice.target.WebhookSettings;
import dev.sluice.target.WebhookStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Disables registered webhooks that want nothing more, that have failed for too long, or for which too much waits, where that is
 * configured; targets from configuration it pauses for the last of these. Since when a webhook fails is kept in Redis, for all
 * gateways together; it is asked for only now and then.
 */
@ApplicationScoped
class FailingTargets {
    private static final Logger LOG = Logger.getLogger(FailingTargets.class);
    private static final Duration LONGEST_UNTOLD = Duration.ofSeconds(30);
    private static final int TOLD_A_LIMIT = 4;
    private static final String FULL = "its backlog was full";

    private final WebhookSwitch power;
    private final TargetSwitch targetPower;
    private final WebhookStore store;
    private final WebhookSettings settings;
    private final Set<String> disabling = ConcurrentHashMap.newKeySet();

    FailingTargets(WebhookSwitch power, TargetSwitch targetPower, WebhookStore store, WebhookSettings settings) {
        this.power = power;
        this.targetPower = targetPower;
        this.store = store;
        this.settings = settings;
    }

    /** What was last told of a webhook, by an outlet that lives as long as there is something to deliver. */
    static final class Watch {
        private long toldNanos;
        private boolean toldDelivered;
        private boolean told;
    }

    /** An attempt to send to a webhook has ended.
     *
     * @param url where it was sent to
     */
    void ended(String id, URI url, Outcome outcome, Watch watch) {
        if (outcome instanceof Outcome.Failed failed && failed.isGone()) {
            // Another URL, that it has had since, has not answered so.
            disable(
                    id,
                    "the endpoint answered 410 Gone",
                    webhook -> webhook.url().equals(url));
        } else if (settings.disableAfter().isPresent()) {
            watch(
                    id,
                    outcome instanceof Outcome.Delivered,
                    watch,
                    settings.disableAfter().get());
        }
    }

    /** No more may wait for a target whose policy disables it for that. */
    void full(String name) {
        if (Target.isRegistered(name)) {
            disable(name, FULL, webhook -> true);
        } else {
            once(name, targetPower.pause(name, FULL));
        }
    }

    /** Tells when it is the first, another than before, or long ago: other gateways may have told otherwise. */
    private void watch(String id, boolean delivered, Watch watch, Duration longest) {
        Duration part = longest.dividedBy(TOLD_A_LIMIT);
        Duration untold = part.compareTo(LONGEST_UNTOLD) < 0 ? part : LONGEST_UNTOLD;
        long now = System.nanoTime();
        if (!watch.told || watch.toldDelivered != delivered || now - watch.toldNanos > untold.toNanos()) {
            watch.told = true;
            watch.toldDelivered = delivered;
            watch.toldNanos = now;
            tell(id, delivered, longest);
        }
    }

    private void tell(String id, boolean delivered, Duration longest) {
        store.ended(id, delivered)
                .subscribe()
                .with(
                        failing -> {
                            if (failing.compareTo(longest) >= 0) {
                                disable(
                                        id,
                                        "it has failed for " + longest.toSeconds() + " s without a single success",
                                        webhook -> true);
                            }
                        },
                        failure -> LOG.debugf("not known for how long %s fails: %s", id, failure.getMessage()));
    }

    private void disable(String id, String reason, Predicate<Webhook> when) {
        once(id, power.disable(id, reason, when));
    }

    /** Of many attempts that end alike one is enough. */
    private void once(String name, Uni<?> disabled) {
        if (disabling.add(name)) {
            disabled.onTermination()
                    .invoke(() -> disabling.remove(name))
                    .subscribe()
                    .with(done -> {}, failure -> LOG.warnf("cannot disable %s: %s", name, failure.getMessage()));
        }
    }
}
