package dev.sluice.bench;

/**
 * What was consumed: in all so far, between two moments, or for one event.
 *
 * @param gatewayMicros CPU time of the gateways
 * @param redisMicros CPU time of Redis
 * @param allocated by the gateways, in bytes
 * @param scripts calls of scripts
 * @param commands that Redis ran, also those of scripts
 * @param bytes to and from Redis
 */
record Consumption(
        double gatewayMicros, double redisMicros, double allocated, double scripts, double commands, double bytes) {

    /** Since another moment. */
    Consumption since(Consumption before) {
        return new Consumption(
                gatewayMicros - before.gatewayMicros,
                redisMicros - before.redisMicros,
                allocated - before.allocated,
                scripts - before.scripts,
                commands - before.commands,
                bytes - before.bytes);
    }

    /** For one of so many. */
    Consumption each(double events) {
        return new Consumption(
                gatewayMicros / events,
                redisMicros / events,
                allocated / events,
                scripts / events,
                commands / events,
                bytes / events);
    }

    double micros() {
        return gatewayMicros + redisMicros;
    }
}
