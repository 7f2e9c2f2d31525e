package dev.sluice.lane;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.Future;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The way to Redis: one connection over which every call of this gateway is pipelined, opened by the first call that needs it
 * and again after it broke. Nobody has to open it, so nothing is in limbo after Redis was away.
 *
 * <p>A call that is not answered in time counts as failed, and so does its connection: calls are answered in order, so one that
 * is stuck holds up all behind it. After a connection that could not be opened, calls fail at once until a growing, jittered
 * pause is over.
 */
@ApplicationScoped
public class RedisLink {
    private static final Logger LOG = Logger.getLogger(RedisLink.class);
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final int MOST_DOUBLINGS = 10;

    /** Fewer than quarkus.redis.max-waiting-handlers, at which the client itself would give up. */
    private static final int MOST_WAITING = 4_000;

    private final Redis redis;
    private final Duration timeout;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicReference<State> state = new AtomicReference<>(new Closed());

    /** What the link is doing. */
    private sealed interface State {}

    /** Nothing: the next call opens a connection. */
    private record Closed() implements State {}

    /** Waiting before it tries again. */
    private record Pausing(int failures, long untilNanos, String reason) implements State {}

    /** Opening a connection, or using an open one. */
    private final class Connected implements State {
        private final int failures;
        private final Uni<RedisConnection> connection;

        /**
         * Opens one when the first call asks for it.
         *
         * @param failures how many tries have failed before this one
         */
        Connected(int failures) {
            this.failures = failures;
            this.connection = Uni.createFrom()
                    .deferred(this::open)
                    .invoke(this::watch)
                    .onFailure()
                    .invoke(this::pause)
                    .memoize()
                    .indefinitely();
        }

        private Uni<RedisConnection> open() {
            Future<RedisConnection> opening = redis.connect();
            return UniHelper.toUni(opening)
                    .ifNoItem()
                    .after(timeout)
                    .failWith(() -> new StoreUnavailable("no connection within " + timeout.toMillis() + " ms"))
                    .onFailure()
                    // One that comes too late would hold a place in the client's pool for ever.
                    .invoke(tooLate -> opening.onSuccess(RedisConnection::close));
        }

        private void watch(RedisConnection opened) {
            LOG.info("connected to Redis");
            opened.exceptionHandler(this::drop);
            opened.endHandler(nothing -> state.compareAndSet(this, new Closed()));
        }

        private void pause(Throwable why) {
            long ceiling = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, MOST_DOUBLINGS));
            long pause = ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2);
            long until = System.nanoTime() + Duration.ofMillis(pause).toNanos();
            String reason = String.valueOf(why.getMessage());
            if (state.compareAndSet(this, new Pausing(failures + 1, until, reason)) && failures == 0) {
                LOG.warnf("cannot connect to Redis: %s; trying again until it is back", reason);
            }
        }

        void drop(Throwable why) {
            if (state.compareAndSet(this, new Closed())) {
                LOG.warnf("lost the connection to Redis: %s", why.getMessage());
                connection.subscribe().with(RedisConnection::close, failure -> LOG.debug("was never open", failure));
            }
        }
    }

    RedisLink(io.vertx.mutiny.redis.client.Redis redis, LaneSettings settings) {
        this.redis = redis.getDelegate();
        this.timeout = settings.redisTimeout();
    }

    /**
     * Sends one command.
     *
     * @return fails with an {@link ErrorType} when Redis answered with an error, with {@link StoreUnavailable} when it did not
     *     answer at all
     */
    Uni<Response> send(Request request) {
        return bounded(waiting, MOST_WAITING, () -> sendNow(request));
    }

    /** Makes a call unless too many of its kind are under way. */
    static <T> Uni<T> bounded(AtomicInteger underWay, int most, Supplier<Uni<T>> call) {
        return Uni.createFrom().deferred(() -> {
            if (underWay.incrementAndGet() > most) {
                underWay.decrementAndGet();
                return Uni.createFrom().failure(new StoreUnavailable("more calls wait for Redis than it can answer"));
            }
            return call.get().onTermination().invoke(underWay::decrementAndGet);
        });
    }

    private Uni<Response> sendNow(Request request) {
        Connected connected = connected();
        if (connected == null) {
            return Uni.createFrom().failure(new StoreUnavailable("Redis is away: " + whyPausing()));
        }
        return connected
                .connection
                .chain(connection -> UniHelper.toUni(connection.send(request)))
                .ifNoItem()
                .after(timeout)
                .failWith(() -> new StoreUnavailable("Redis did not answer within " + timeout.toMillis() + " ms"))
                .onFailure(RedisLink::breaksTheConnection)
                .transform(failure -> {
                    connected.drop(failure);
                    return failure instanceof StoreUnavailable
                            ? failure
                            : new StoreUnavailable("the connection to Redis broke: " + failure.getMessage());
                });
    }

    private @Nullable Connected connected() {
        while (true) {
            State now = state.get();
            if (now instanceof Connected connected) {
                return connected;
            }
            int failures = 0;
            if (now instanceof Pausing pausing) {
                if (System.nanoTime() - pausing.untilNanos() < 0) {
                    return null;
                }
                failures = pausing.failures();
            }
            Connected next = new Connected(failures);
            if (state.compareAndSet(now, next)) {
                return next;
            }
        }
    }

    private String whyPausing() {
        return state.get() instanceof Pausing pausing ? pausing.reason() : "connecting again";
    }

    /** An error that Redis answered leaves the connection whole, but for one that has become a replica's. */
    private static boolean breaksTheConnection(Throwable failure) {
        return !(failure instanceof ErrorType error) || error.is("READONLY");
    }
}
