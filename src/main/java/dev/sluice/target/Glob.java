package dev.sluice.target;

/**
 * An event type, or a pattern of them in which each {@code *} stands for any run of characters.
 *
 * @param pattern for example {@code ORDER_*}
 */
public record Glob(String pattern) {

    private static final char WILDCARD = '*';

    /** Whether it is one event type and no pattern. */
    boolean isExact() {
        return pattern.indexOf(WILDCARD) < 0;
    }

    /** Whether both are found under the same beginning. */
    boolean isFiledWith(Glob other) {
        return isExact() == other.isExact() && beginning().equals(other.beginning());
    }

    /** What every type that it covers begins with. */
    String beginning() {
        return isExact() ? pattern : pattern.substring(0, pattern.indexOf(WILDCARD));
    }

    /** Whether the pattern covers the whole of {@code text}. Case counts. */
    public boolean matches(String text) {
        // Greedy with one step back: linear in practice, quadratic at worst, and never a regular expression out of
        // configuration.
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == WILDCARD) {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == WILDCARD) {
            p++;
        }
        return p == pattern.length();
    }
}
