package dev.sluice.delivery;

import dev.sluice.target.Targets;
import dev.sluice.target.WebhookSettings;
import io.quarkus.runtime.Startup;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.tracing.TracingPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The clients that requests to targets are opened with: few, however many targets there are, each with a pool of connections for
 * each origin.
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

    private final TargetClient secure;
    private final TargetClient plain;

    TargetClients(
            Vertx vertx, TargetAddresses addresses, Targets targets, Policies policies, WebhookSettings webhooks) {
        int most = mostAtOneOrigin(targets, policies, webhooks);
        this.secure = new TargetClient(vertx.createHttpClient(secure(most)), addresses);
        this.plain = new TargetClient(vertx.createHttpClient(plain(most)), addresses);
    }

    /** The client for requests over TLS, or for those in the clear. */
    TargetClient of(boolean tls) {
        return tls ? secure : plain;
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
