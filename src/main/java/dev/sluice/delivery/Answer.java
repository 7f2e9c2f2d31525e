package dev.sluice.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A target's answer, while it comes in. What it means is known from its status line on; of its body the beginning is kept for
 * people when it tells of a failure, and how it ends decides only about the connection.
 */
final class Answer {
    /** As much of a body is read so that its connection can be used again; one that says more loses it. */
    private static final int DRAINED_BYTES = 64 * 1024;

    private static final int EXCERPT_BYTES = 1024;

    private final HttpClientResponse response;
    private final Promise<Outcome> ended = Promise.promise();
    private final Buffer beginning = Buffer.buffer();
    private int drained;

    private Outcome outcome;

    Answer(HttpClientResponse response) {
        this.response = response;
        this.outcome = byStatus(response);
    }

    /** What it means, with as much of its body as there is by now. */
    Outcome outcome() {
        return outcome;
    }

    /** Reads it to its end, or for as long as is put up with. Never fails. */
    Future<Outcome> read() {
        response.handler(this::read);
        response.exceptionHandler(failure -> ended.tryComplete(outcome));
        response.endHandler(nothing -> ended.tryComplete(outcome));
        if (response.statusCode() < 200) {
            // What the client takes for the answer though the real one is still to come: that would be taken for the
            // answer to the next request of the connection.
            TargetClient.cancel(response.request());
            ended.tryComplete(outcome);
        }
        return ended.future();
    }

    private void read(Buffer part) {
        drained += part.length();
        int wanted = Math.min(part.length(), EXCERPT_BYTES - beginning.length());
        if (wanted > 0 && outcome instanceof Outcome.Failed failed) {
            beginning.appendBuffer(part, 0, wanted);
            outcome = failed.saying(Excerpt.of(beginning.getBytes()));
        }
        if (drained > DRAINED_BYTES) {
            TargetClient.cancel(response.request());
            ended.tryComplete(outcome);
        }
    }

    private static Outcome byStatus(HttpClientResponse response) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered(status);
        }
        Optional<Duration> retryAfter = status == 429 || status == 503
                ? RetryAfter.read(response.getHeader("Retry-After"), Instant.now())
                : Optional.empty();
        return new Outcome.Failed("HTTP " + status, OptionalInt.of(status), retryAfter, "");
    }
}
