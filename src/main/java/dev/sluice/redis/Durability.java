package dev.sluice.redis;

/** What must have become of what a script wrote before the script counts as run. */
public sealed interface Durability {

    /** The server has it in memory; what becomes of it then is up to how the server is set up. */
    record Memory() implements Durability {}

    /** The server has it on its disk, in its append-only file. */
    record Fsync() implements Durability {}

    /**
     * Replicas have it in memory as well.
     *
     * @param replicas how many of them
     */
    record Replicated(int replicas) implements Durability {}
}
