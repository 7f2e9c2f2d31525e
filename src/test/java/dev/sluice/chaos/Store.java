package dev.sluice.chaos;

import java.util.List;
import java.util.Map;

/** A Redis of one shape or another, and what may go wrong with it and with the way to it. */
interface Store extends AutoCloseable {

    /** What {@code quarkus.redis.hosts} is for a gateway. */
    String hosts(String gateway);

    /** A gateway is there no more. */
    default void forget(String gateway) {}

    /** What else a gateway is configured with. */
    Map<String, String> settings();

    List<Fault> faults();

    /** The names of all keys of all primaries. */
    List<String> keys();

    @Override
    void close();
}
