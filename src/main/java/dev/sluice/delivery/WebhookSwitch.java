package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.lane.Hold;
import dev.sluice.target.Registry;
import dev.sluice.target.Registry.Registered;
import dev.sluice.target.Webhook;
import dev.sluice.target.WebhookChanges;
import dev.sluice.target.WebhookStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * Disables registered webhooks, and enables them again. While one is disabled its events are accepted and wait; every gateway
 * knows it from the registry, and a hold in the lanes spares them looking for what they may not send.
 */
@ApplicationScoped
public class WebhookSwitch {
    private static final Logger LOG = Logger.getLogger(WebhookSwitch.class);

    private final Registry registry;
    private final WebhookChanges changes;
    private final WebhookStore store;
    private final Hold hold;
    private final MeterRegistry meters;

    WebhookSwitch(Registry registry, WebhookChanges changes, WebhookStore store, Hold hold, MeterRegistry meters) {
        this.registry = registry;
        this.changes = changes;
        this.store = store;
        this.hold = hold;
        this.meters = meters;
    }

    /** Disables a webhook that is enabled.
     *
     * @param reason why, for people
     * @return what it is then; empty when there is none of that id
     */
    public Uni<Optional<Registered>> disable(String id, String reason) {
        if (registry.find(id).isEmpty() || isDisabled(id)) {
            return Uni.createFrom().item(registry.find(id));
        }
        return changes.change(id, webhook -> webhook.enabled() ? webhook.disable(reason) : webhook)
                .call(disabled -> hold.hold(id, Hold.FOR_EVER))
                // What was unsubscribed or enabled meanwhile must not be left under the hold that was just written.
                .call(disabled -> registry.refresh()
                        .chain(() -> isDisabled(id) ? Uni.createFrom().voidItem() : hold.resume(id)))
                .invoke(disabled -> {
                    meters.counter("sluice.webhooks.disabled").increment();
                    Story.tell(LOG, Level.WARN, "webhook disabled", "target", id, "reason", reason);
                });
    }

    /** Enables a webhook; what was queued meanwhile goes out.
     *
     * @return what it is then; empty when there is none of that id
     */
    public Uni<Optional<Registered>> enable(String id) {
        // Whatever it failed for is over. In this order: whoever hears that it is enabled looks at once, and must not
        // meet the hold any more.
        return hold.resume(id)
                .chain(() -> store.ended(id, true))
                .chain(() -> changes.change(id, Webhook::enable))
                // Somebody may have been disabling it, and held it between.
                .call(enabled -> hold.resume(id));
    }

    private boolean isDisabled(String id) {
        return registry.find(id).filter(known -> !known.webhook().enabled()).isPresent();
    }
}
