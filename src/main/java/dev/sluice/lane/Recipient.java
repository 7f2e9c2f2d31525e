package dev.sluice.lane;

import java.time.Duration;

/**
 * A target that wants an event, as the gateway that accepts it sees it.
 *
 * @param target the target's name
 * @param ordered whether the event joins the lane of its ordering key; false gives it a lane of its own
 * @param room whether this gateway can deliver it at once
 * @param held for how much longer this gateway knows the target to be held; zero when it is not
 */
public record Recipient(String target, boolean ordered, boolean room, Duration held) {

    /** One whose lane is not of the first step, and so is leased to nobody yet. */
    public static Recipient inALaterStep(String target, boolean ordered) {
        return new Recipient(target, ordered, false, Duration.ZERO);
    }
}
