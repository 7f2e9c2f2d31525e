package dev.sluice.lane;

import dev.sluice.redis.Durability;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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
 * @param retentions by source: for how long its events are kept beyond their deliveries; not at all where a source is not named
 * @param mostRetainedBytes how much of such is kept, in all
 * @param durabilities by source: how safe its events must be before they count as accepted; in memory where a source is not named
 */
public record LaneSettings(
        int partitions,
        Duration lease,
        int burst,
        Map<String, String> orderings,
        Set<String> droppingStale,
        Map<String, Duration> histories,
        int mostHistories,
        Map<String, Duration> retentions,
        long mostRetainedBytes,
        Map<String, Durability> durabilities) {
    private static final Durability IN_MEMORY = new Durability.Memory();

    /** How safe an event of a source must be before it counts as accepted. */
    Durability accepting(String source) {
        return durabilities.getOrDefault(source, IN_MEMORY);
    }

    /**
     * How safe that must be which decides what of a source is sent next. What is only on a disk is there again with it; but a replica
     * that takes over would have an event sent again after the one behind it, unless it knows how far its lane had got.
     */
    Durability deciding(String source) {
        return accepting(source) instanceof Durability.Replicated replicated ? replicated : IN_MEMORY;
    }

    /** The same of several sources together. */
    Durability deciding(Collection<String> ofSources) {
        return ofSources.stream()
                .map(this::deciding)
                .flatMap(durability ->
                        durability instanceof Durability.Replicated some ? Stream.of(some) : Stream.empty())
                .max(Comparator.comparingInt(Durability.Replicated::replicas))
                .map(Durability.class::cast)
                .orElse(IN_MEMORY);
    }

    /** For how many ms the history of a source's events is kept; 0 for not at all. */
    long historyMillis(String source) {
        return histories.getOrDefault(source, Duration.ZERO).toMillis();
    }

    /** Of how many events of one partition a history is kept. */
    int historiesAPartition() {
        return Math.max(1, mostHistories / partitions);
    }

    /** For how many ms a source's events are kept beyond their deliveries; 0 for not at all. */
    long retentionMillis(String source) {
        return retentions.getOrDefault(source, Duration.ZERO).toMillis();
    }

    /** How many bytes of such are kept in one partition. */
    long retainedBytesAPartition() {
        return Math.max(1, mostRetainedBytes / partitions);
    }
}
