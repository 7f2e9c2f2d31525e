package dev.sluice.delivery;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;

/** Opens requests to targets, over connections that are pooled by where they lead. */
final class TargetClient {
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
}
