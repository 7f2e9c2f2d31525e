package dev.sluice.delivery;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One try to deliver: one HTTP request. Runs on the event loop of its outlet.
 *
 * <p>Targets close connections that are idle, some of them just as they are used again. So a request over a connection that had
 * been used before, and was closed without an answer, is written once more over another one; whoever receives it twice knows it
 * by its id, as ever.
 *
 * <p>Whether it may still be made is asked when there is a connection, immediately before the first byte is written: between
 * here and there only the operating system can stop this process. Aborting resets the connection (with HTTP/2 the stream), so that
 * nothing more of the request can reach the target.
 */
final class Attempt {
    /** They say nothing, and a target could send them until the timeout, as fast as it can. */
    private static final int MOST_INTERIM_ANSWERS = 20;

    private final Function<RequestOptions, Future<HttpClientRequest>> connecting;
    private final byte[] body;
    private final Supplier<Optional<Outcome>> objection;

    private @Nullable HttpClientRequest request;
    private @Nullable Answer answer;
    private @Nullable String aborted;
    private @Nullable String offence;
    private int interim;

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

    /** Sends the request, and gives the target so long to answer. Never fails: what goes wrong is an outcome. */
    Future<Outcome> send(RequestOptions options, Duration timeout) {
        return sendOnce(options)
                .recover(failure -> wasStale(failure) ? sendOnce(options) : Future.failedFuture(failure))
                .otherwise(this::failed)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(late -> timedOut("no answer within " + timeout.toMillis() + " ms"));
    }

    private Future<Outcome> sendOnce(RequestOptions options) {
        return connecting.apply(options).compose(this::write);
    }

    /** Ends the attempt at once, whatever has become of it so far; to say so again changes nothing. */
    void abort(String reason) {
        if (aborted != null) {
            return;
        }
        aborted = reason;
        HttpClientRequest connected = request;
        if (connected != null) {
            TargetClient.cancel(connected);
        }
    }

    /** Ends the attempt because its time is up; what the target's status line said still counts. */
    private Outcome timedOut(String reason) {
        abort(reason);
        HttpClientRequest unanswered = request;
        if (unanswered != null) {
            TargetClient.doubt(unanswered);
        }
        Answer known = answer;
        return known == null ? Outcome.Failed.because(reason) : known.outcome();
    }

    private Future<Outcome> write(HttpClientRequest connected) {
        request = connected;
        // What goes wrong is told by the futures as well, and logged there; without these the client logs each reset
        // as an error, and whatever is no HTTP.
        connected.exceptionHandler(failure -> {});
        connected.connection().exceptionHandler(failure -> {});
        connected.continueHandler(nothing -> interim(connected));
        connected.earlyHintsHandler(hints -> interim(connected));
        String reason = aborted;
        Optional<Outcome> against = reason == null ? objection.get() : Optional.of(new Outcome.Lost(reason));
        if (against.isPresent()) {
            TargetClient.abandon(connected);
            return Future.succeededFuture(against.get());
        }
        return connected.send(Buffer.buffer(Unpooled.wrappedBuffer(body))).compose(this::read);
    }

    private Future<Outcome> read(HttpClientResponse response) {
        Answer begun = new Answer(response);
        answer = begun;
        return begun.read();
    }

    /** Whether a connection that had been used before was closed without an answer. */
    private boolean wasStale(Throwable failure) {
        HttpClientRequest sent = request;
        return (failure instanceof HttpClosedException || failure instanceof IOException)
                && sent != null
                && sent.streamId() > 1
                && aborted == null
                && offence == null;
    }

    private void interim(HttpClientRequest connected) {
        interim++;
        if (interim > MOST_INTERIM_ANSWERS) {
            offence = "more than " + MOST_INTERIM_ANSWERS + " interim answers";
            connected.connection().close();
        }
    }

    private Outcome failed(Throwable failure) {
        String reason = aborted;
        if (reason != null) {
            return new Outcome.Lost(reason);
        }
        String offended = offence;
        return offended == null ? Outcome.Failed.because(failure) : Outcome.Failed.because(offended);
    }
}
