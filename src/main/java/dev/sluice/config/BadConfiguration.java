package dev.sluice.config;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.List;

/** The gateway does not start: its message lists every fault, one a line. */
public final class BadConfiguration extends ConfigurationException {
    private static final long serialVersionUID = 1L;

    BadConfiguration(List<String> faults) {
        super("the configuration has " + faults.size() + (faults.size() == 1 ? " fault" : " faults") + ":\n  "
                + String.join("\n  ", faults));
        // It speaks of properties: where in the code they are read helps nobody.
        setStackTrace(new StackTraceElement[0]);
    }
}
