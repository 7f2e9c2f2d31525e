package dev.sluice.bench;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The rows as bars: how many events a second, and what one costs in CPU time. */
record Plot(Rows rows) {
    private static final int LABEL = 310;
    private static final int BAR = 300;
    private static final int ROW = 24;
    private static final int TOP = 40;
    private static final int GAP = 90;

    String svg() {
        double fastest = most(Row::perSecond);
        double dearest = most(row -> row.each(Consumption::micros));
        StringBuilder bars = new StringBuilder();
        int y = TOP;
        for (Row row : rows.all()) {
            bars.append(text(LABEL - 10, y, "end", row.name()));
            bar(bars, LABEL, y, row.perSecond() / fastest, "#3b6ea5", format("%,.0f", row.perSecond()));
            double gateway = row.each(Consumption::gatewayMicros);
            int right = LABEL + BAR + GAP;
            bar(bars, right, y, gateway / dearest, "#3b6ea5", "");
            bar(
                    bars,
                    right + (int) (BAR * gateway / dearest),
                    y,
                    row.each(Consumption::redisMicros) / dearest,
                    "#c0504d",
                    format("%,.0f", row.each(Consumption::micros)));
            y += ROW;
        }
        int width = LABEL + 2 * (BAR + GAP);
        return format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n",
                        width, y)
                + format("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", width, y)
                + text(LABEL, TOP - ROW, "start", "events/s")
                + text(LABEL + BAR + GAP, TOP - ROW, "start", "CPU µs an event: gateway (blue) and Redis (red)")
                + bars
                + "</svg>\n";
    }

    private double most(ToDoubleFunction<Row> figure) {
        return rows.all().stream().mapToDouble(figure).max().orElseThrow();
    }

    private static void bar(StringBuilder bars, int x, int y, double share, String colour, String label) {
        int width = (int) (BAR * share);
        bars.append(format(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n", x, y, width, ROW - 6, colour));
        bars.append(text(x + width + 6, y, "start", label));
    }

    private static String text(int x, int y, String anchor, String text) {
        return format("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n", x, y + ROW - 11, anchor, text);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
