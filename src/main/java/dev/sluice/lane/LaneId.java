package dev.sluice.lane;

import dev.sluice.event.OrderingKey;

/** The name of a lane: its target, its source and what it is ordered by. */
final class LaneId {
    private LaneId() {}

    /** Names of targets and sources hold no colon, so two lanes never share a name. */
    static String of(String target, String source, OrderingKey key) {
        return target + ":" + source + ":" + key.text();
    }

    /** The source of a lane. */
    static String source(String lane) {
        int colon = lane.indexOf(':') + 1;
        return lane.substring(colon, lane.indexOf(':', colon));
    }

    /** What a lane is ordered by, with its kind. */
    static String orderingKey(String lane) {
        return lane.substring(lane.indexOf(':', lane.indexOf(':') + 1) + 1);
    }

    /** Whether a text that anybody may have made up could be one. */
    static boolean isOne(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && text.indexOf(':', colon + 1) > colon + 1;
    }

    /** The target of a lane. */
    static String target(String lane) {
        return lane.substring(0, lane.indexOf(':'));
    }
}
