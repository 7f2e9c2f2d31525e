package dev.sluice.lane;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What operators name a lane by.
 *
 * @param partition where it is, which its name does not tell: an event without order is where its ordering key would have put it
 * @param lane its target, its source and what it is ordered by
 */
public record LaneRef(int partition, String lane) {
    private static final char SEPARATOR = '-';

    /** As it stands in a path. */
    public String text() {
        return "" + partition + SEPARATOR
                + Base64.getUrlEncoder().withoutPadding().encodeToString(lane.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one that anybody may have made up. */
    static Optional<LaneRef> read(String text, int partitions) {
        int end = text.indexOf(SEPARATOR);
        try {
            int partition = end < 1 ? -1 : Integer.parseInt(text.substring(0, end));
            String lane = new String(Base64.getUrlDecoder().decode(text.substring(end + 1)), StandardCharsets.UTF_8);
            boolean isOne = partition >= 0 && partition < partitions && LaneId.isOne(lane);
            return isOne ? Optional.of(new LaneRef(partition, lane)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
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
