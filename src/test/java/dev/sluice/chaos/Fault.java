package dev.sluice.chaos;

import java.util.Random;

/**
 * Something that goes wrong, and is well again when it is over.
 *
 * @param name for the log
 * @param doing does it, and returns when it is over
 */
record Fault(String name, Doing doing) {

    /** How a fault is made. */
    interface Doing {
        void inject(Random random) throws Exception;
    }
}
