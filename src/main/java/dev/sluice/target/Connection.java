package dev.sluice.target;

import java.util.Optional;

/**
 * How a target is connected to.
 *
 * @param tls the name of the TLS configuration that says whom to trust and who the gateway is; empty for the trust store of the
 *     JVM and no client certificate
 */
public record Connection(Optional<String> tls) {
    /** That of registered webhooks, and of targets of which nothing is said. */
    public static final Connection ORDINARY = new Connection(Optional.empty());
}
