package dev.sluice.delivery;

import io.netty.util.NetUtil;
import io.quarkus.runtime.ImageMode;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Finds the addresses of targets' hosts, those that the {@link AddressGuard} allows. */
@ApplicationScoped
public class TargetAddresses {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int LOOKUPS_AT_ONCE = 32;

    /** How many names may be under way; who asks for one gives up long before a name server that hangs does. */
    private static final int MOST_LOOKUPS = 1_024;

    private final VertxInternal vertx;
    private final AddressGuard guard;

    /** Where the JDK looks names up; null where Vert.x does it, without a thread that waits. */
    private final @Nullable WorkerExecutor lookups;

    private final Map<String, Future<InetAddress>> underWay = new ConcurrentHashMap<>();

    /** The guard is against it. Does not tell the address: whoever reads it may not be meant to know. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String host) {
            super("nothing may be sent to the address of " + host, null, false, false);
        }
    }

    /**
     * Quarkus takes the resolver of Vert.x out of a native image, whatever is configured, and that of the JDK makes whoever asks wait:
     * an event loop, if it were left to Vert.x.
     */
    TargetAddresses(
            Vertx vertx, AddressGuard guard, @ConfigProperty(name = "quarkus.vertx.use-async-dns") boolean ofVertx) {
        this.vertx = (VertxInternal) vertx;
        this.guard = guard;
        this.lookups = ofVertx && ImageMode.current() != ImageMode.NATIVE_RUN
                ? null
                : vertx.createSharedWorkerExecutor("names", LOOKUPS_AT_ONCE);
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
        return resolve(unbracketed(host))
                .compose(address -> guard.allows(host, address)
                        ? Future.succeededFuture(address)
                        : Future.failedFuture(new Refused(host)));
    }

    private Future<InetAddress> resolve(String host) {
        // Everybody goes on where they were, whoever has looked it up.
        Promise<InetAddress> here = vertx.getOrCreateContext().promise();
        if (lookups != null && !isLiteral(host)) {
            lookUp(lookups, host).onComplete(here);
        } else {
            vertx.resolveAddress(host, here);
        }
        return here.future();
    }

    /** Once for all who ask for a name at the same time: the JDK would have them wait for each other, each on a thread. */
    private Future<InetAddress> lookUp(WorkerExecutor threads, String host) {
        Promise<InetAddress> mine = Promise.promise();
        Future<InetAddress> found = underWay.putIfAbsent(host, mine.future());
        if (found == null) {
            found = mine.future();
            begin(threads, host, mine);
        }
        return found;
    }

    private void begin(WorkerExecutor threads, String host, Promise<InetAddress> promise) {
        Future<InetAddress> lookup = underWay.size() > MOST_LOOKUPS
                ? Future.failedFuture(new UnknownHostException("too many names are being looked up"))
                : threads.executeBlocking(() -> InetAddress.getByName(host), false);
        lookup.onComplete(done -> {
            underWay.remove(host);
            promise.handle(done);
        });
    }

    private static boolean isLiteral(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
