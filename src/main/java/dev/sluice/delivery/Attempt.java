package dev.sluice.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One try to deliver: one HTTP request. Runs on the event loop of its outlet.
 *
 * <p>Whether it may still be made is asked when there is a connection, immediately before the first byte is written: between
 * here and there only the operating system can stop this process. Aborting resets the connection (with HTTP/2 the stream), so that
 * nothing more of the request can reach the target.
 */
final class Attempt {
    /** As much of an answer's body is read so that its connection can be used again; one that says more loses it. */
    private static final int DRAINED_BYTES = 64 * 1024;

    /** What a stream of HTTP/2 is reset with that is not wanted any more (RFC 9113, section 7). */
    private static final long CANCEL = 0x8;

    private final Function<RequestOptions, Future<HttpClientRequest>> connecting;
    private final byte[] body;
    private final Supplier<Optional<Outcome>> objection;

    /** Volatile, as a timeout comes from another thread: either it sees the request, or the request sees that it is aborted. */
    private volatile @Nullable HttpClientRequest request;

    private volatile @Nullable Outcome answer;
    private volatile @Nullable String aborted;

    /** Makes one.
     *
     * @param connecting opens the request
     * @param objection what the attempt comes to if it must not be made after all; asked at the last moment
     */
    Attempt(
            Function<RequestOptions, Future<HttpClientRequest>> connecting,
            byte[] body,
            Supplier<Optional<Outcome>> objection) {
        this.connecting = connecting;
        this.body = body;
        this.objection = objection;
    }

    /** Sends the request. Never fails: what goes wrong is an outcome. */
    Future<Outcome> send(RequestOptions options) {
        return connecting
                .apply(options)
                .compose(this::write)
                .recover(failure -> Future.succeededFuture(failed(failure)));
    }

    /** Ends the attempt at once, whatever has become of it so far; to say so again changes nothing. */
    void abort(String reason) {
        if (aborted != null) {
            return;
        }
        aborted = reason;
        HttpClientRequest connected = request;
        if (connected != null) {
            connected.reset(CANCEL);
        }
    }

    /** Ends the attempt because its time is up; what the target's status line said still counts. */
    Outcome timedOut(String reason) {
        abort(reason);
        HttpClientRequest unanswered = request;
        if (unanswered != null) {
            TargetClient.doubt(unanswered);
        }
        Outcome known = answer;
        return known == null ? Outcome.Failed.because(reason) : known;
    }

    private Future<Outcome> write(HttpClientRequest connected) {
        request = connected;
        // What goes wrong is told by the futures as well, and logged there; without this the client logs each reset as
        // an error.
        connected.exceptionHandler(failure -> {});
        String reason = aborted;
        Optional<Outcome> against = reason == null ? objection.get() : Optional.of(new Outcome.Lost(reason));
        if (against.isPresent()) {
            TargetClient.abandon(connected);
            return Future.succeededFuture(against.get());
        }
        return connected.send(Buffer.buffer(body)).compose(this::drain);
    }

    private Future<Outcome> drain(HttpClientResponse response) {
        // Once the status line is there the answer is known: how its body ends decides only about the connection.
        Promise<Outcome> ended = Promise.promise();
        Outcome outcome = outcome(response);
        answer = outcome;
        int[] drained = {0};
        response.handler(part -> {
            drained[0] += part.length();
            if (drained[0] > DRAINED_BYTES) {
                response.request().reset(CANCEL);
                ended.tryComplete(outcome);
            }
        });
        response.exceptionHandler(failure -> ended.tryComplete(outcome));
        response.endHandler(nothing -> ended.tryComplete(outcome));
        return ended.future();
    }

    private static Outcome outcome(HttpClientResponse response) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered(status);
        }
        Optional<Duration> retryAfter = status == 429 || status == 503
                ? RetryAfter.read(response.getHeader("Retry-After"), Instant.now())
                : Optional.empty();
        return new Outcome.Failed("HTTP " + status, OptionalInt.of(status), retryAfter);
    }

    private Outcome failed(Throwable failure) {
        String reason = aborted;
        return reason == null ? Outcome.Failed.because(failure) : new Outcome.Lost(reason);
    }
}
