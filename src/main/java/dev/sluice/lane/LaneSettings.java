package dev.sluice.lane;

import java.time.Duration;
import java.util.Map;

/**
 * What the lanes are set up with.
 *
 * @param partitions over how many partitions lanes are spread; fixed for the life of the data
 * @param lease how long a pod may deliver a lane's head without renewing
 * @param burst how many events of one lane are delivered in a row while other lanes of the target are ready
 * @param orderings by source: a fingerprint of what decides its events' order, fixed for the life of the data
 */
public record LaneSettings(int partitions, Duration lease, int burst, Map<String, String> orderings) {}
