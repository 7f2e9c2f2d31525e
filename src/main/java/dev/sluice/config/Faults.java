package dev.sluice.config;

import java.util.ArrayList;
import java.util.List;

/** The faults found in the configuration. All of them are told at once, so that mending takes one round. */
final class Faults {
    private final List<String> found = new ArrayList<>();

    /** Notes one.
     *
     * @param key the property
     * @param reason what is wrong with it; never holds the value of a secret
     * @param mend what to do about it
     */
    void add(String key, String reason, String mend) {
        found.add(key + ": " + reason + "; " + mend);
    }

    /** Ends the start-up where there are faults.
     *
     * @throws BadConfiguration if there are any
     */
    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new BadConfiguration(found);
        }
    }
}
