package dev.sluice.lane;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What the lanes are set up with.
 *
 * @param partitions over how many partitions lanes are spread; fixed for the life of the data
 * @param lease how long a pod may deliver a lane's head without renewing
 * @param burst how many events of one lane are delivered in a row while other lanes of the target are ready
 * @param orderings by source: a fingerprint of what decides its events' order, fixed for the life of the data
 * @param droppingStale the sources whose events are dropped when a newer one was accepted before
 * @param histories by source: for how long the history of its events is kept; not at all where a source is not named
 * @param mostHistories of how many events at the most a history is kept, in all
 */
public record LaneSettings(
        int partitions,
        Duration lease,
        int burst,
        Map<String, String> orderings,
        Set<String> droppingStale,
        Map<String, Duration> histories,
        int mostHistories) {

    /** For how many ms the history of a source's events is kept; 0 for not at all. */
    long historyMillis(String source) {
        return histories.getOrDefault(source, Duration.ZERO).toMillis();
    }

    /** Of how many events of one partition a history is kept. */
    int historiesAPartition() {
        return Math.max(1, mostHistories / partitions);
    }
}
