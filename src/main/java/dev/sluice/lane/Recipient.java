package dev.sluice.lane;

import java.time.Duration;
import java.util.Optional;

/**
 * A target that wants an event, as the gateway that accepts it sees it.
 *
 * @param target the target's name
 * @param joining how the event gets into a lane of the target
 * @param room whether this gateway can deliver it at once
 * @param held for how much longer this gateway knows the target to be held; zero when it is not
 * @param full there when no more may wait for the target, and the event is set aside: what goes for it
 */
public record Recipient(String target, Joining joining, boolean room, Duration held, Optional<Relief> full) {
    /** How an event gets into a lane. */
    public enum Joining {
        /** It joins the lane of its ordering key, at the end. */
        IN_ORDER,
        /** The same, and an older one of its type leaves it: but not one that is in flight or was attempted. Only in the first step. */
        LATEST,
        /** It has a lane of its own. */
        ALONE
    }

    private static final String SET_ASIDE = "!";

    /** How its lane is named among those of later steps. */
    String entry(String lane) {
        return full.map(out -> SET_ASIDE + out.text() + SET_ASIDE + lane).orElse(lane);
    }

    /** The lane of such an entry. */
    static String lane(String entry) {
        return entry.startsWith(SET_ASIDE) ? entry.substring(entry.indexOf(SET_ASIDE, 1) + 1) : entry;
    }
}
