package dev.sluice.config;

import dev.sluice.target.Connection;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.common.runtime.OidcCommonUtils;
import io.quarkus.oidc.common.runtime.config.OidcCommonConfig;
import io.quarkus.oidc.common.runtime.config.OidcCommonConfig.Tls.Verification;
import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** How a target is connected to, out of its properties and of what these name of Quarkus' own configuration. */
final class ConnectionSettings {
    private static final String NO_VERIFICATION = "NONE";

    private final TlsConfigurationRegistry tls;
    private final ProxyConfigurationRegistry proxies;
    private final Map<String, OidcClientConfig> oauth2;

    ConnectionSettings(
            TlsConfigurationRegistry tls, ProxyConfigurationRegistry proxies, Map<String, OidcClientConfig> oauth2) {
        this.tls = tls;
        this.proxies = proxies;
        this.oauth2 = oauth2;
    }

    Connection read(SluiceProperties.Target properties, URI url, Values values) {
        properties.tls().ifPresent(name -> checkTls(name, url, values));
        properties.proxy().ifPresent(name -> checkProxy(name, values));
        properties.auth().oauth2().ifPresent(name -> checkOAuth2(name, values));
        return new Connection(
                properties.tls(), properties.proxy(), properties.auth().oauth2());
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

    private void checkOAuth2(String name, Values values) {
        String section = "quarkus.oidc-client." + name;
        // The map has an answer for every name.
        OidcClientConfig client = oauth2.keySet().contains(name) ? oauth2.get(name) : null;
        if (client == null || !client.clientEnabled()) {
            values.fault(
                    "auth.oauth2",
                    "there is no " + section,
                    "say there what to ask for a token: " + section
                            + ".token-path, .client-id and .credentials.secret");
            return;
        }
        if (client.clientId().isEmpty()) {
            values.fault("auth.oauth2", section + ".client-id is missing", "give it");
        }
        if (!tellsTokenEndpoint(client)) {
            values.fault(
                    "auth.oauth2",
                    section + " would have to be found out at start-up, and who is to tell may be away",
                    "give the URL of its token endpoint: " + section + ".token-path=https://...");
        }
        if (!verifies(client.tls())) {
            values.fault(
                    "auth.oauth2",
                    section + " does not verify who is at the other end",
                    "remove trust-all and the like from its TLS configuration");
        }
    }

    private static boolean tellsTokenEndpoint(OidcClientConfig client) {
        return OidcCommonUtils.isAbsoluteUrl(client.tokenPath())
                || (client.authServerUrl().isPresent()
                        && client.tokenPath().isPresent()
                        && !client.discoveryEnabled().orElse(true));
    }

    private boolean verifies(OidcCommonConfig.Tls ofClient) {
        if (ofClient.tlsConfigurationName().isPresent()) {
            return ofClient.tlsConfigurationName()
                    .flatMap(tls::get)
                    .filter(ConnectionSettings::verifies)
                    .isPresent();
        }
        return ofClient.verification()
                .map(Verification.REQUIRED::equals)
                // Then trust-all without a name goes for it as well.
                .orElseGet(() ->
                        tls.getDefault().filter(TlsConfiguration::isTrustAll).isEmpty());
    }

    private static boolean verifies(TlsConfiguration configuration) {
        return !configuration.isTrustAll()
                && configuration
                        .getHostnameVerificationAlgorithm()
                        .filter(NO_VERIFICATION::equalsIgnoreCase)
                        .isEmpty();
    }
}
