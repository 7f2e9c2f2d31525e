package dev.sluice.event;

import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * The story of an event in the log: one line a step, with ids and figures as fields (the logging context), so that a JSON log
 * can be searched by them. Never holds a body, a signature or a secret.
 */
public final class Story {
    private Story() {}

    /** Tells one step.
     *
     * @param step what happened, for example {@code delivered}
     * @param fields names and values in turn; a null value is left out
     */
    public static void tell(Logger log, Logger.Level level, String step, @Nullable Object... fields) {
        if (!log.isEnabled(level)) {
            return;
        }
        for (int i = 0; i < fields.length; i += 2) {
            Object value = fields[i + 1];
            if (value != null) {
                MDC.put(String.valueOf(fields[i]), value.toString());
            }
        }
        log.log(level, step);
        for (int i = 0; i < fields.length; i += 2) {
            MDC.remove(String.valueOf(fields[i]));
        }
    }
}
