package dev.sluice.lane;

import java.util.List;

/** The data in Redis is laid out in another way than this gateway is configured for: it must not touch it. */
public final class LayoutMismatch extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LayoutMismatch(List<String> differences) {
        super("the data in Redis is laid out in another way than configured: " + String.join("; ", differences)
                + ". Put the old settings back, or see 'Changing the order of a source' in the README.");
    }
}
