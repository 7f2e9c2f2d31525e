package dev.sluice.delivery;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;

/** Finds the addresses of targets' hosts, those that the {@link AddressGuard} allows. */
@ApplicationScoped
public class TargetAddresses {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final VertxInternal vertx;
    private final AddressGuard guard;

    /** The guard is against it. Does not tell the address: whoever reads it may not be meant to know. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String host) {
            super("nothing may be sent to the address of " + host, null, false, false);
        }
    }

    TargetAddresses(Vertx vertx, AddressGuard guard) {
        this.vertx = (VertxInternal) vertx;
        this.guard = guard;
    }

    /** Whether something may be sent to where a URL leads now, as far as it is known: it is asked again at each attempt. */
    public Uni<Boolean> mayBeSentTo(URI url) {
        return UniHelper.toUni(of(url.getHost()))
                .replaceWith(true)
                .ifNoItem()
                .after(PATIENCE)
                .recoverWithItem(true)
                .onFailure(Refused.class)
                .recoverWithItem(false)
                .onFailure(UnknownHostException.class)
                .recoverWithItem(true);
    }

    /** The address of a host; fails with {@link Refused}, or when there is none. */
    Future<InetAddress> of(String host) {
        Promise<InetAddress> resolved = Promise.promise();
        vertx.resolveAddress(unbracketed(host), resolved);
        return resolved.future()
                .compose(address -> guard.allows(host, address)
                        ? Future.succeededFuture(address)
                        : Future.failedFuture(new Refused(host)));
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
