package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.openjdk.jmh.results.RunResult;

/**
 * What was measured, for people: {@code results.md}, a table of all rows and one of the goals, and {@code results.svg}.
 *
 * @param events how many requests the gateway of most rows answered after the first round
 * @param blocked how often an event loop was found blocked in between
 * @param machine what all of it was measured on
 */
record Report(Rows rows, double events, long blocked, Sizes sizes, Machine machine, Collection<RunResult> micro) {
    private static final double MEGABYTE = 1 << 20;

    void write(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(machine.text());
        lines.add("");
        lines.add("## Rows");
        lines.add("");
        lines.addAll(table());
        lines.add("");
        lines.add("## Goals");
        lines.add("");
        lines.addAll(goals());
        lines.add("");
        lines.add("## Alone");
        lines.add("");
        lines.addAll(alone());
        Files.write(directory.resolve("results.md"), lines);
        lines.forEach(System.out::println);
        Files.writeString(directory.resolve("results.svg"), new Plot(rows).svg());
    }

    private List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| | events/s | of the floor | ± | refused | accept p50, p99, p99.9 in ms | delivered p50, p99, p99.9 in ms"
                        + " | CPU µs gateway | CPU µs Redis | scripts | Redis commands | Redis bytes | allocated | MB resident |");
        lines.add("| --- |" + " ---: |".repeat(13));
        for (Row row : rows.all()) {
            lines.add(text(
                    "| %s | %,.0f | %.0f %% | %.0f %% | %.1f %% | %s | %s | %.0f | %.0f | %.2f | %.1f | %,.0f | %,.0f | %.0f |",
                    row.name(),
                    row.perSecond(),
                    100 * row.perSecond() / rows.floor().perSecond(),
                    50 * row.spread(),
                    100 * row.refused(),
                    percentiles(row.accepts()),
                    percentiles(row.deliveries()),
                    row.each(Consumption::gatewayMicros),
                    row.each(Consumption::redisMicros),
                    row.eachAtHalf(Consumption::scripts),
                    row.each(Consumption::commands),
                    row.each(Consumption::bytes),
                    row.each(Consumption::allocated),
                    Collections.max(row.resident()) / MEGABYTE));
        }
        return lines;
    }

    private List<String> goals() {
        Row floor = rows.floor();
        Row deliver = rows.deliver();
        double more = (rows.fanOut().each(Consumption::micros) - deliver.each(Consumption::micros)) / 4;
        double delivery = deliver.each(Consumption::micros) - rows.accept().each(Consumption::micros);
        List<String> lines = new ArrayList<>();
        lines.add("| goal | wanted | measured | |");
        lines.add("| --- | ---: | ---: | --- |");
        lines.add(atLeast(
                "accept and deliver, of the floor's events/s", 50, 100 * deliver.perSecond() / floor.perSecond(), "%"));
        lines.add(atMost(
                "accept p99 at half the ceiling, times the floor's at the same rate", 3, ratio(deliver, floor), ""));
        lines.add(atMost(
                "script calls an event, at half the ceiling", 2.005, deliver.eachAtHalf(Consumption::scripts), ""));
        lines.add(atMost("CPU of Redis an event", 60, deliver.each(Consumption::redisMicros), "µs"));
        lines.add(atLeast(
                "forged refused, of the floor's events/s",
                80,
                100 * rows.nothingButForged().perSecond() / floor.perSecond(),
                "%"));
        lines.add(atMost(
                "script calls a forged event", 0.005, rows.nothingButForged().each(Consumption::scripts), ""));
        for (Row lane : rows.ofOneLane()) {
            lines.add(atLeast(
                    lane.name() + ": of what its round trips allow", 85, 100 * lane.perSecond() * lane.atLeast(), "%"));
        }
        lines.add(atMost("one more target, of what delivering to the first costs", 60, 100 * more / delivery, "%"));
        double first = most(0);
        double most = IntStream.range(0, rows.deliver().resident().size())
                .mapToDouble(this::most)
                .max()
                .orElseThrow();
        lines.add(atMost("memory of the gateway in use at the most, in all rows of 1 KB", 256, most, "MB"));
        lines.add(atMost(
                "what that grew by after the first round, over " + text("%,.0f", events) + " events",
                8,
                most - first,
                "MB"));
        lines.add(atMost("memory of Redis for a queued event of 1 KB", 1_536, sizes.queued(), "bytes"));
        lines.add(atMost("memory of Redis to recognise an event", 100, sizes.dedup(), "bytes"));
        lines.add(atMost("event loops found blocked for 100 ms", 0, blocked, ""));
        lines.add(atLeast(
                "ten times the connections, of the ceiling",
                90,
                100 * rows.crowd().perSecond() / deliver.perSecond(),
                "%"));
        return lines;
    }

    /** What the gateway of most rows had in use of its memory in a round, in MB. */
    private double most(int round) {
        return rows.ofOneGateway().stream()
                        .mapToLong(row -> row.resident().get(round))
                        .max()
                        .orElseThrow()
                / MEGABYTE;
    }

    private static double ratio(Row row, Row floor) {
        return row.accepts().getValueAtPercentile(99) / (double) floor.accepts().getValueAtPercentile(99);
    }

    private static String atLeast(String goal, double wanted, double measured, String unit) {
        return line(goal, "≥", wanted, measured, unit, measured >= wanted);
    }

    private static String atMost(String goal, double wanted, double measured, String unit) {
        return line(goal, "≤", wanted, measured, unit, measured <= wanted);
    }

    private static String line(
            String goal, String bound, double wanted, double measured, String unit, boolean reached) {
        return text(
                "| %s | %s %s %s | %s %s | %s |",
                goal, bound, figure(wanted), unit, figure(measured), unit, reached ? "reached" : "missed");
    }

    private static String figure(double value) {
        return Math.abs(value) < 10 ? text("%.2f", value) : text("%,.0f", value);
    }

    private List<String> alone() {
        List<String> lines = new ArrayList<>();
        lines.add("| | bytes | µs |");
        lines.add("| --- | ---: | ---: |");
        micro.forEach(result -> lines.add(text(
                "| %s | %s | %.2f ± %.2f |",
                result.getPrimaryResult().getLabel(),
                result.getParams().getParam("bytes"),
                result.getPrimaryResult().getScore(),
                result.getPrimaryResult().getScoreError())));
        return lines;
    }

    private static String percentiles(Histogram nanos) {
        return nanos.getTotalCount() == 0
                ? ""
                : text(
                        "%.2f, %.2f, %.2f",
                        nanos.getValueAtPercentile(50) / 1e6,
                        nanos.getValueAtPercentile(99) / 1e6,
                        nanos.getValueAtPercentile(99.9) / 1e6);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
