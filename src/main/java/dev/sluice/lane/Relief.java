package dev.sluice.lane;

/**
 * What goes for an event that is set aside, where more than enough is set aside for its target already: the oldest.
 *
 * @param letters at least so many of them
 * @param sizes as many as are so often as large as the new one, or a few more that are then spared later
 */
public record Relief(int letters, int sizes) {
    public static final Relief NONE = new Relief(0, 0);

    /** As the scripts read it. */
    String text() {
        return letters + ":" + sizes;
    }
}
