package dev.sluice.lane;

/**
 * What goes for an event that is set aside, where more than enough is set aside for its target already: the oldest.
 *
 * @param letters at least so many of them
 * @param bySize whether as many go as it takes to make up for the size of the new one, and that as often as {@code letters} says;
 *     a hundred at most
 */
public record Relief(int letters, boolean bySize) {
    public static final Relief NONE = new Relief(0, false);

    /** As the scripts read it. */
    String text() {
        return letters + (bySize ? "b" : "");
    }
}
