package dev.sluice.lane;

import java.util.Optional;

/**
 * What operators name a lane by.
 *
 * @param partition where it is, which its name does not tell: an event without order is where its ordering key would have put it
 * @param lane its target, its source and what it is ordered by
 */
public record LaneRef(int partition, String lane) {
    /** As it stands in a path. */
    public String text() {
        return new Handle(partition, lane).text();
    }

    /** Reads one that anybody may have made up. */
    static Optional<LaneRef> read(String text, int partitions) {
        return Handle.read(text, partitions)
                .filter(handle -> LaneId.isOne(handle.name()))
                .map(handle -> new LaneRef(handle.partition(), handle.name()));
    }

    public String target() {
        return LaneId.target(lane);
    }

    public String source() {
        return LaneId.source(lane);
    }

    /** What it is ordered by, with its kind. */
    public String orderingKey() {
        return LaneId.orderingKey(lane);
    }
}
