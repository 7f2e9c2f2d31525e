package dev.sluice.delivery;

/** How far this gateway is on its way out. */
enum Phase {
    /** It claims lanes and delivers them. */
    RUNNING,

    /** It claims nothing more, but goes on with the lanes that it has and with what it accepts. */
    DRAINING,

    /** No further attempt begins. */
    STOPPING
}
