package dev.sluice.webhook;

/**
 * A stretch of bytes.
 *
 * @param from where it begins
 * @param to where it ends, itself not in it
 */
public record Span(int from, int to) {
    public int length() {
        return to - from;
    }
}
