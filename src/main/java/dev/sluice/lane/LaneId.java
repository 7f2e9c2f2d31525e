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

    /** The target of a lane. */
    static String target(String lane) {
        return lane.substring(0, lane.indexOf(':'));
    }
}
