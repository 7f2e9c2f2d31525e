package dev.sluice.target;

import java.util.Optional;

/**
 * How a target is connected to.
 *
 * @param tls the name of the TLS configuration that says whom to trust and who the gateway is; empty for the trust store of the
 *     JVM and no client certificate
 * @param proxy the name of the proxy through which it is reached; empty for none
 * @param oauth2 the name of the OAuth2 client whose access token it wants; empty for none
 */
public record Connection(Optional<String> tls, Optional<String> proxy, Optional<String> oauth2) {
    /** That of registered webhooks, and of targets of which nothing is said. */
    public static final Connection ORDINARY = new Connection(Optional.empty(), Optional.empty(), Optional.empty());
}
