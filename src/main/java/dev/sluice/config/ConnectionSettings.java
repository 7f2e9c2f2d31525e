package dev.sluice.config;

import dev.sluice.target.Connection;
import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.net.URI;
import java.util.Optional;

/** How a target is connected to, out of its properties and of what these name of Quarkus' own configuration. */
final class ConnectionSettings {
    private static final String NO_VERIFICATION = "NONE";

    private final TlsConfigurationRegistry tls;
    private final ProxyConfigurationRegistry proxies;

    ConnectionSettings(TlsConfigurationRegistry tls, ProxyConfigurationRegistry proxies) {
        this.tls = tls;
        this.proxies = proxies;
    }

    Connection read(SluiceProperties.Target properties, URI url, Values values) {
        properties.tls().ifPresent(name -> checkTls(name, url, values));
        properties.proxy().ifPresent(name -> checkProxy(name, values));
        return new Connection(properties.tls(), properties.proxy());
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

    private void checkProxy(String name, Values values) {
        if (!isKnown(name)) {
            String section = "quarkus.proxy." + name;
            values.fault(
                    "proxy",
                    "there is no " + section + ".host",
                    "say where the proxy is: " + section + ".host and " + section + ".port");
        }
    }

    private boolean isKnown(String proxy) {
        try {
            return !proxy.equals(ProxyConfigurationRegistry.NONE)
                    && proxies.get(Optional.of(proxy)).isPresent();
        } catch (IllegalStateException e) {
            return false;
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
