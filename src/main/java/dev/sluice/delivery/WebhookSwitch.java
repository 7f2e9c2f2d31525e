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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
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
     * @param when whether it is still to be disabled as it is by then
     * @return what it is then; empty when there is none of that id
     */
    public Uni<Optional<Registered>> disable(String id, String reason, Predicate<Webhook> when) {
        AtomicBoolean done = new AtomicBoolean();
        return changes.change(id, webhook -> {
                    done.set(webhook.enabled() && when.test(webhook));
                    return done.get() ? webhook.disable(reason) : webhook;
                })
                .call(disabled -> done.get() ? hold(id) : Uni.createFrom().voidItem())
                .invoke(disabled -> {
                    if (done.get() && disabled.isPresent()) {
                        meters.counter("sluice.webhooks.disabled").increment();
                        Story.tell(LOG, Level.WARN, "webhook disabled", "target", id, "reason", reason);
                    }
                });
    }

    private Uni<Void> hold(String id) {
        return hold.hold(id, Hold.FOR_EVER)
                // What was unsubscribed or enabled meanwhile must not be left under the hold that was just written.
                .chain(() -> registry.refresh())
                .chain(() -> isDisabled(id) ? Uni.createFrom().voidItem() : hold.resume(id));
    }

    /** Enables a webhook; what was queued meanwhile goes out.
     *
     * @return what it is then; empty when there is none of that id
     */
    public Uni<Optional<Registered>> enable(String id) {
        if (registry.find(id).isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
        }
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
