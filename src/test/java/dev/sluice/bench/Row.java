package dev.sluice.bench;

import dev.sluice.bench.Load.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** One kind of load on one stand, and what was measured of it, round by round. */
final class Row {
    private final String name;
    private final Stand stand;
    private final String source;
    private final Shape shape;
    private final int targets;
    private final int connections;
    private final List<Ceiling> ceilings = new ArrayList<>();
    private final List<Double> leasts = new ArrayList<>();
    private final List<Consumption> halves = new ArrayList<>();
    private final Histogram accepts = new Histogram(3);
    private final Histogram deliveries = new Histogram(3);
    private final List<Long> resident = new ArrayList<>();

    /**
     * As much as there can be.
     *
     * @param perSecond requests, until all is answered and delivered
     * @param each what one costs
     * @param refused which share was not answered with a 2xx
     */
    record Ceiling(double perSecond, Consumption each, double refused) {}

    /**
     * Makes one of which nothing is measured yet.
     *
     * @param targets to how many each event goes
     */
    Row(String name, Stand stand, String source, Shape shape, int targets, int connections) {
        this.name = name;
        this.stand = stand;
        this.source = source;
        this.shape = shape;
        this.targets = targets;
        this.connections = connections;
    }

    String name() {
        return name;
    }

    Stand stand() {
        return stand;
    }

    String source() {
        return source;
    }

    Shape shape() {
        return shape;
    }

    int connections() {
        return connections;
    }

    /** How often the sink should have had the events of this source so far, by what its stand has accepted. */
    long expected() {
        return targets * stand.accepted(source);
    }

    void add(Ceiling ceiling) {
        ceilings.add(ceiling);
    }

    /** At a rate at which a system keeps up, for the latencies. */
    void half(Consumption each, Histogram accepted, Histogram delivered) {
        halves.add(each);
        accepts.add(accepted);
        deliveries.add(delivered);
        resident.add(stand.resident());
    }

    /** What the largest of its gateways had in use of its memory, after each round, in bytes. */
    List<Long> resident() {
        return resident;
    }

    double perSecond() {
        return median(ceilings, Ceiling::perSecond);
    }

    /** How far the rounds are apart: the largest less the smallest, as a share of the median. */
    double spread() {
        double most = ceilings.stream().mapToDouble(Ceiling::perSecond).max().orElseThrow();
        double least = ceilings.stream().mapToDouble(Ceiling::perSecond).min().orElseThrow();
        return (most - least) / perSecond();
    }

    /** If one event is delivered after the other: how many seconds that takes at the least, one round trip to the sink and one to Redis. */
    void atLeast(double seconds) {
        leasts.add(seconds);
    }

    double atLeast() {
        return median(leasts, least -> least);
    }

    double refused() {
        return median(ceilings, Ceiling::refused);
    }

    /** Of what an event consumes, at the ceiling. */
    double each(ToDoubleFunction<Consumption> what) {
        return median(ceilings, ceiling -> what.applyAsDouble(ceiling.each()));
    }

    /** The same at half the ceiling. */
    double eachAtHalf(ToDoubleFunction<Consumption> what) {
        return median(halves, what);
    }

    /** From when a request was to be sent to its answer. */
    Histogram accepts() {
        return accepts;
    }

    /** From when a request was to be sent to when the sink has it. */
    Histogram deliveries() {
        return deliveries;
    }

    private static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
