package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.fleet.Pauses;
import dev.sluice.lane.Hold;
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

    TargetSwitch(Pauses pauses, Hold hold) {
        this.pauses = pauses;
        this.hold = hold;
    }

    /** Pauses a target: what is under way to it may finish, and no more is sent. One that is paused already stays so.
     *
     * @param why for people
     * @param by who wanted it
     */
    public Uni<Void> pause(String target, String why, String by) {
        return pauses.pause(target, why)
                .invoke(() -> Story.tell(LOG, Level.WARN, "target paused", "target", target, "reason", why, "by", by))
                .chain(() -> hold.hold(target, Hold.FOR_EVER))
                // What was resumed meanwhile must not be left under the hold that was just written.
                .chain(pauses::all)
                .chain(all -> all.containsKey(target) ? Uni.createFrom().voidItem() : hold.resume(target));
    }

    /** Resumes a target; what was queued meanwhile goes out.
     *
     * @param by who wanted it
     */
    public Uni<Void> resume(String target, String by) {
        // In this order: whoever hears that it is resumed looks at once, and must not meet the hold any more.
        return hold.resume(target)
                .chain(() -> pauses.resume(target))
                // Somebody may have been pausing it, and held it between.
                .chain(() -> hold.resume(target))
                .invoke(() -> Story.tell(LOG, Level.INFO, "target resumed", "target", target, "by", by));
    }
}
