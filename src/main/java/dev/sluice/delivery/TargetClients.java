package dev.sluice.delivery;

import dev.sluice.target.Connection;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import dev.sluice.target.WebhookSettings;
import io.quarkus.proxy.ProxyConfiguration;
import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import io.vertx.core.tracing.TracingPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The clients that requests to targets are opened with: as many as there are ways to connect, however many targets there are,
 * each with a pool of connections for each origin.
 *
 * <p>Made at start-up, outside of any request: a client that is made on the event loop of the HTTP server is closed with that
 * server, and would cut the attempts that a stopping gateway lets finish.
 */
@Startup
@ApplicationScoped
class TargetClients {
    /** Verification is always on; what is older than TLS 1.2 is not spoken (RFC 8996). */
    private static final Set<String> PROTOCOLS = new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2"));

    /** The pool reckons with the square of its size. */
    private static final int MOST_CONNECTIONS = 40_000;

    private final Map<Way, TargetClient> clients;

    /** What a client is made for: only what differs in one of these needs one of its own. */
    private record Way(boolean secure, Optional<String> tls, Optional<String> proxy) {
        static Way of(boolean secure, Connection connection) {
            return new Way(secure, secure ? connection.tls() : Optional.empty(), connection.proxy());
        }
    }

    TargetClients(
            Vertx vertx,
            TargetAddresses addresses,
            Targets targets,
            Policies policies,
            WebhookSettings webhooks,
            TlsConfigurationRegistry tls,
            ProxyConfigurationRegistry proxies) {
        int most = mostAtOneOrigin(targets, policies, webhooks);
        this.clients = Stream.concat(
                        Stream.of(true, false).map(secure -> Way.of(secure, Connection.ORDINARY)),
                        targets.configured().stream().map(target -> Way.of(isSecure(target), target.connection())))
                .distinct()
                .collect(Collectors.toUnmodifiableMap(
                        way -> way,
                        way -> new TargetClient(vertx.createHttpClient(options(way, most, tls, proxies)), addresses)));
    }

    /** The client for requests to where one is connected to so, over TLS or in the clear. */
    TargetClient of(boolean secure, Connection connection) {
        TargetClient client = clients.get(Way.of(secure, connection));
        if (client == null) {
            throw new IllegalArgumentException("no target is connected to so: " + connection);
        }
        return client;
    }

    /** The files of a TLS configuration were read again. */
    void renewed(@Observes CertificateUpdatedEvent event) {
        clients.forEach((way, client) -> {
            if (way.tls().equals(Optional.of(event.name()))) {
                client.renew(event.tlsConfiguration().getSSLOptions(), event.name());
            }
        });
    }

    private static boolean isSecure(Target target) {
        return target.url().getScheme().equalsIgnoreCase("https");
    }

    private static HttpClientOptions options(
            Way way, int connections, TlsConfigurationRegistry tls, ProxyConfigurationRegistry proxies) {
        HttpClientOptions options = way.secure() ? secure(connections) : plain(connections);
        way.tls().flatMap(tls::get).ifPresent(named -> TlsConfigUtils.configure(options, named));
        if (!options.isUseAlpn()) {
            options.setProtocolVersion(HttpVersion.HTTP_1_1);
        }
        if (way.proxy().isPresent()) {
            proxies.get(way.proxy())
                    .ifPresent(named -> options.setProxyOptions(through(named))
                            .setNonProxyHosts(named.nonProxyHosts().orElse(null)));
        }
        return options;
    }

    private static ProxyOptions through(ProxyConfiguration proxy) {
        ProxyOptions options = new ProxyOptions()
                .setType(ProxyType.valueOf(proxy.type().name()))
                .setHost(proxy.host())
                .setPort(proxy.port());
        proxy.username().ifPresent(options::setUsername);
        proxy.password().ifPresent(options::setPassword);
        proxy.proxyConnectTimeout().ifPresent(options::setConnectTimeout);
        return options;
    }

    private static HttpClientOptions plain(int connections) {
        return new HttpClientOptions().setMaxPoolSize(connections).setTracingPolicy(TracingPolicy.IGNORE);
    }

    /** HTTP/2 where the target offers it by ALPN; in the clear there is no upgrade to it. */
    static HttpClientOptions secure(int connections) {
        return plain(connections)
                // What a target speaks is known when it is connected to: with fewer connections of HTTP/2 than of
                // HTTP/1.1, requests to one that speaks HTTP/1.1 would wait for each other.
                .setHttp2MaxPoolSize(connections)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setUseAlpn(true)
                .setInitialSettings(new Http2Settings().setPushEnabled(false))
                .setSsl(true)
                .setEnabledSecureTransportProtocols(PROTOCOLS);
    }

    /**
     * How many requests may be under way to one origin. Slots bound them, and with a smaller pool targets of one origin would
     * wait for each other; a pool takes room for as many, so it is not larger either.
     */
    private static int mostAtOneOrigin(Targets targets, Policies policies, WebhookSettings webhooks) {
        int most = targets.configured().stream()
                .collect(Collectors.groupingBy(
                        target -> target.url().getHost().toLowerCase(Locale.ROOT),
                        Collectors.summingInt(target -> policies.of(target).concurrency())))
                .values()
                .stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        return Math.min(MOST_CONNECTIONS, most + webhooks.concurrency());
    }
}
