package dev.sluice.redis;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The way to Redis: one connection over which every call of this gateway is pipelined, opened by the first call that needs it
 * and again after it broke. Nobody has to open it, so nothing is in limbo after Redis was away.
 *
 * <p>A call that is not answered in time counts as failed, and so does its connection, unless a later call was answered: one
 * server answers in order, so a call that is stuck there holds up all behind it; of a cluster only one node may be stuck, or a
 * slot be moving. After a connection that could not be opened, calls fail at once until a growing, jittered pause is over.
 */
@ApplicationScoped
public class RedisLink {
    private static final Logger LOG = Logger.getLogger(RedisLink.class);
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final int MOST_DOUBLINGS = 10;
    private static final String SEVERAL_NODES = "Keys of command or batch";
    /** The client's own word to whom waits when a connection ends, in the guise of an error that Redis answered. */
    private static final String CLOSED = "CONNECTION_CLOSED";

    private static final Duration UNTOLD = Duration.ofMinutes(1);

    /** Fewer than quarkus.redis.max-waiting-handlers, at which the client itself would give up. */
    private static final int MOST_WAITING = 4_000;

    private final Redis redis;
    private final RedisSettings settings;
    private final Duration timeout;
    private final AtomicInteger lost;
    private final Map<String, Long> told = new ConcurrentHashMap<>();
    private final Bound places = new Bound(MOST_WAITING);
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
        private final Promise<RedisConnection> connection = Promise.promise();
        private final AtomicLong calls = new AtomicLong();
        private final AtomicLong answered = new AtomicLong();

        /** With so many tries that have failed before. */
        Connected(int failures) {
            this.failures = failures;
        }

        void open() {
            Future<RedisConnection> opening = redis.connect();
            opening.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .onSuccess(this::use)
                    .onFailure(failure -> {
                        pause(failure);
                        connection.fail(failure);
                        // One that comes too late would hold a place in the client's pool for ever.
                        opening.onSuccess(this::discard);
                    });
        }

        private void use(RedisConnection open) {
            LOG.log(failures == 0 ? Level.DEBUG : Level.INFO, "connected to Redis");
            open.exceptionHandler(this::drop);
            open.endHandler(nothing -> end());
            connection.complete(open);
        }

        private void pause(Throwable why) {
            long ceiling = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, MOST_DOUBLINGS));
            long pause = ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2);
            long until = System.nanoTime() + Duration.ofMillis(pause).toNanos();
            String reason = reason(why);
            if (state.compareAndSet(this, new Pausing(failures + 1, until, reason)) && failures == 0) {
                LOG.warnf("cannot connect to Redis: %s; trying again until it is back", reason);
            }
        }

        private void end() {
            if (leave()) {
                tellNowAndThen(Level.INFO, "the connection to Redis ended");
            }
        }

        void drop(Throwable why) {
            if (tells(why, CLOSED)) {
                end();
            } else if (leave()) {
                String what = "lost the connection to Redis: " + why.getMessage();
                if (tells(why, "READONLY")) {
                    tellNowAndThen(Level.WARN, what);
                } else {
                    LOG.warn(what);
                }
            }
        }

        /** Whether it was this call that gave the connection up. */
        private boolean leave() {
            boolean left = false;
            if (state.get() == this) {
                // Before there can be another one: what was agreed on over this one must not be believed over that.
                lost.incrementAndGet();
                left = state.compareAndSet(this, new Closed());
            }
            if (left) {
                // Also one that ended by itself: of a cluster the connections to the other nodes are still open.
                connection.future().onSuccess(this::discard);
            }
            return left;
        }

        /**
         * Closes a connection for good. The client would keep it in its pool, stuck as it may be, and hand it out again; but
         * not one that may be subscribed to something.
         */
        private void discard(RedisConnection open) {
            open.send(Request.cmd(Command.PUNSUBSCRIBE))
                    .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .onComplete(sent -> open.close());
        }

        /** Sends something once there is a connection. What the client goes on trying keeps its place until it is through. */
        <T> Uni<T> send(Function<RedisConnection, Future<T>> sending) {
            long call = calls.incrementAndGet();
            Future<T> answer = connection.future().compose(sending);
            answer.onComplete(done -> {
                places.leave();
                if (done.succeeded() || !breaksTheConnection(done.cause())) {
                    answered.accumulateAndGet(call, Math::max);
                } else {
                    drop(done.cause());
                }
            });
            return UniHelper.toUni(here(answer).timeout(timeout.toMillis(), TimeUnit.MILLISECONDS))
                    .onFailure(RedisLink::breaksTheConnection)
                    .transform(failure -> failed(failure, call));
        }

        /**
         * Takes an answer to the context that asks, where there is one: what follows is done there, and there its time is up. What has no
         * context has its timers on a thread that all the process shares, and that each of them would wake.
         */
        private static <T> Future<T> here(Future<T> answer) {
            ContextInternal context = ContextInternal.current();
            if (context == null) {
                return answer;
            }
            Promise<T> promise = context.promise();
            answer.onComplete(promise);
            return promise.future();
        }

        private StoreUnavailable failed(Throwable failure, long call) {
            if (failure instanceof TimeoutException) {
                StoreUnavailable late =
                        new StoreUnavailable("Redis did not answer within " + timeout.toMillis() + " ms");
                if (answered.get() < call) {
                    drop(late);
                }
                return late;
            }
            return new StoreUnavailable("the connection to Redis broke: " + reason(failure));
        }
    }

    @Inject
    public RedisLink(io.vertx.mutiny.redis.client.Redis redis, RedisSettings settings) {
        this(redis.getDelegate(), settings, new AtomicInteger());
    }

    private RedisLink(Redis redis, RedisSettings settings, AtomicInteger lost) {
        this.redis = redis;
        this.settings = settings;
        this.timeout = settings.timeout();
        this.lost = lost;
    }

    /** One more to the same Redis, with a connection of its own; what it loses is counted with this one's losses. */
    RedisLink another() {
        return new RedisLink(redis, settings, lost);
    }

    /** After which a call counts as failed. */
    Duration timeout() {
        return timeout;
    }

    /**
     * Sends one command.
     *
     * @return fails with an {@link ErrorType} when Redis answered with an error, with {@link StoreUnavailable} when it did not
     *     answer at all
     */
    public Uni<Response> send(Request request) {
        return inTurn(open -> open.send(request));
    }

    /**
     * Sends commands one behind the other over one connection. Those for a cluster must have a key among them, and all keys on
     * one node.
     *
     * @return the answers in their order; fails as {@link #send} does when one of them fails
     */
    Uni<List<Response>> batch(List<Request> requests) {
        return inTurn(open -> open.batch(requests));
    }

    private <T> Uni<T> inTurn(Function<RedisConnection, Future<T>> sending) {
        return Uni.createFrom().deferred(() -> {
            places.enter();
            Connected connected = connected();
            if (connected == null) {
                places.leave();
                throw new StoreUnavailable("Redis is away: " + whyPausing());
            }
            return connected.send(sending);
        });
    }

    /** How many connections were lost so far: after each, another server or other data may be behind the next one. */
    public int losses() {
        return lost.get();
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
                next.open();
                return next;
            }
        }
    }

    /** Each call that writes to a replica loses a connection, and so does each that is long where a password is wanted. */
    private void tellNowAndThen(Level level, String what) {
        long now = System.nanoTime();
        Long last = told.get(what);
        boolean again = last != null && now - last < UNTOLD.toNanos();
        if (!again) {
            told.put(what, now);
        }
        LOG.log(again ? Level.DEBUG : level, what);
    }

    /** Of TLS the client tells that it failed; why, only the cause does. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String what = String.valueOf(failure.getMessage());
        String why = String.valueOf(root.getMessage());
        return what.contains(why) ? what : what + ": " + why;
    }

    private String whyPausing() {
        return state.get() instanceof Pausing pausing ? pausing.reason() : "connecting again";
    }

    /** An error that Redis answered leaves the connection whole, but for that of one that has become a replica; the word of its end does not. */
    private static boolean breaksTheConnection(Throwable failure) {
        return failure instanceof ErrorType
                ? tells(failure, CLOSED) || tells(failure, "READONLY")
                : !isRefused(failure);
    }

    /** By a cluster's client, which sent nothing, because it takes the keys to be on several nodes. */
    private static boolean isRefused(Throwable failure) {
        return String.valueOf(failure.getMessage()).startsWith(SEVERAL_NODES);
    }

    /** Whether Redis answered an error of this kind, or did to one of a batch. */
    static boolean tells(Throwable failure, String kind) {
        // A batch numbers its errors, and what a script met stands behind the script's name.
        return failure instanceof ErrorType error
                && (error.is(kind) || error.toString().matches("(?s).*[] -]" + kind + "\\b.*"));
    }
}
