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

    /** The same; it is over only when something more is done. */
    Fault andThen(Runnable more) {
        return new Fault(name, random -> {
            doing.inject(random);
            more.run();
        });
    }
}
