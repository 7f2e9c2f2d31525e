package dev.sluice.config;

import dev.sluice.target.Connection;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.net.URI;
import java.util.Optional;

/** How a target is connected to, out of its properties and of what these name of Quarkus' own configuration. */
final class ConnectionSettings {
    private static final String NO_VERIFICATION = "NONE";

    private final TlsConfigurationRegistry tls;

    ConnectionSettings(TlsConfigurationRegistry tls) {
        this.tls = tls;
    }

    Connection read(SluiceProperties.Target properties, URI url, Values values) {
        properties.tls().ifPresent(name -> checkTls(name, url, values));
        return new Connection(properties.tls());
    }

    private void checkTls(String name, URI url, Values values) {
        String section = "quarkus.tls." + name;
        Optional<TlsConfiguration> named = tls.get(name);
        if (!url.getScheme().equalsIgnoreCase("https")) {
            values.fault("tls", "there is no TLS with http", "give an https url, or remove it");
        }
        if (named.isEmpty()) {
            values.fault(
                    "tls",
                    "there is nothing under " + section,
                    "say there whom to trust, for example " + section + ".trust-store.pem.certs=ca.pem");
        } else if (!verifies(named.get())) {
            values.fault(
                    "tls",
                    section + " does not verify who is at the other end",
                    "remove trust-all and hostname-verification-algorithm there");
        }
    }

    private static boolean verifies(TlsConfiguration configuration) {
        return !configuration.isTrustAll()
                && configuration
                        .getHostnameVerificationAlgorithm()
                        .filter(NO_VERIFICATION::equalsIgnoreCase)
                        .isEmpty();
    }
}
