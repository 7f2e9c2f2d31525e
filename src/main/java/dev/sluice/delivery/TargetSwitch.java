package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.fleet.Pauses;
import dev.sluice.lane.Hold;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * Pauses targets from configuration, and resumes them. While one is paused its events are accepted and wait; every gateway knows
 * it, and a hold in the lanes spares them looking for what they may not send.
 */
@ApplicationScoped
public class TargetSwitch {
    private static final Logger LOG = Logger.getLogger(TargetSwitch.class);

    private final Pauses pauses;
    private final Hold hold;
    private final Outlets outlets;

    TargetSwitch(Pauses pauses, Hold hold, Outlets outlets) {
        this.pauses = pauses;
        this.hold = hold;
        this.outlets = outlets;
    }

    /** The circuit of a target, or the worst of all registered webhooks, as this gateway sees it. */
    public CircuitBreakerState circuit(String target) {
        return outlets.circuit(target);
    }

    /** Pauses a target: what is under way to it may finish, and no more is sent. One that is paused already stays so.
     *
     * @param why for people
     */
    public Uni<Void> pause(String target, String why) {
        return pauses.pause(target, why)
                .invoke(() -> Story.tell(LOG, Level.WARN, "nothing more is sent", "target", target, "reason", why))
                .chain(() -> hold.hold(target, Hold.FOR_EVER))
                // What was resumed meanwhile must not be left under the hold that was just written.
                .chain(pauses::all)
                .chain(all -> all.containsKey(target) ? Uni.createFrom().voidItem() : hold.resume(target));
    }

    /** Resumes a target; what was queued meanwhile goes out. */
    public Uni<Void> resume(String target) {
        // In this order: whoever hears that it is resumed looks at once, and must not meet the hold any more.
        return hold.resume(target)
                .chain(() -> pauses.resume(target))
                // Somebody may have been pausing it, and held it between.
                .chain(() -> hold.resume(target));
    }
}
