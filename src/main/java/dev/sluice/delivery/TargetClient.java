package dev.sluice.delivery;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpClientConnection;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Opens requests to targets, over connections that are pooled by where they lead. */
final class TargetClient {
    private static final Logger LOG = Logger.getLogger(TargetClient.class);

    /** For the answer to a PING of HTTP/2, which no application has to give. */
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(3);

    /** What a stream of HTTP/2 is reset with that is not wanted any more (RFC 9113, section 7). */
    private static final long CANCEL = 0x8;

    private static final int PING_BYTES = 8;

    private final HttpClient client;
    private final TargetAddresses addresses;

    TargetClient(HttpClient client, TargetAddresses addresses) {
        this.client = client;
        this.addresses = addresses;
    }

    /** Opens one to wherever its URL leads. */
    Future<HttpClientRequest> anywhere(RequestOptions options) {
        return client.request(options);
    }

    /** Opens one to the address that was found for its host and is allowed: by now the name might lead elsewhere. */
    Future<HttpClientRequest> guarded(RequestOptions options) {
        return addresses
                .of(options.getHost())
                .compose(address -> client.request(options.setServer(
                        SocketAddress.inetSocketAddress(new InetSocketAddress(address, options.getPort())))));
    }

    /** Opens connections with these certificates from now on; those that are open go on. */
    void renew(SSLOptions options, String name) {
        // Also when they are equal: they may say the same of files that are not what they were.
        client.updateSSLOptions(options, true)
                .onFailure(failure -> LOG.errorf("the files of quarkus.tls.%s are not used: %s", name, failure));
    }

    /** Nothing more of a request reaches the target, nor of its answer the gateway: resets the connection, with HTTP/2 the stream. */
    static void cancel(HttpClientRequest begun) {
        begun.reset(CANCEL);
    }

    /** Gives up a request of which nothing is written yet. */
    static void abandon(HttpClientRequest unwritten) {
        unwritten.reset();
        if (unwritten.version() == HttpVersion.HTTP_2) {
            // Without a stream the pool does not get its place back: the connection is used for nothing more, and ends
            // with what is under way over it.
            unwritten.connection().shutdown(1, TimeUnit.DAYS);
        }
    }

    /**
     * Closes the connection of a request that was not answered in time, unless it turns out to live. Over HTTP/2 it would
     * otherwise be used by the requests to come, also when nothing gets through it any more.
     */
    static void doubt(HttpClientRequest unanswered) {
        if (unanswered.version() == HttpVersion.HTTP_2) {
            HttpClientConnection connection = (HttpClientConnection) unanswered.connection();
            // On its own event loop: elsewhere the answer might be there before anybody waits for it, and be lost.
            connection
                    .getContext()
                    .runOnContext(nothing -> connection
                            .ping(Buffer.buffer(new byte[PING_BYTES]))
                            .timeout(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                            .onFailure(silent -> connection.shutdown(0, TimeUnit.MILLISECONDS)));
        }
    }
}
