package dev.sluice.ingress;

import dev.sluice.problem.Problem;
import io.vertx.core.http.HttpServerRequest;

/** What a sender is told. */
sealed interface Reply {
    /** Sends it. */
    void end(HttpServerRequest request);

    /** The event is taken, or was before, or is kept though nobody can read it. */
    record Taken(Answer answer) implements Reply {
        @Override
        public void end(HttpServerRequest request) {
            request.response().putHeader("Content-Type", "application/json").end(answer.json());
        }
    }

    /** It is not taken. */
    record Refused(Problem problem) implements Reply {
        @Override
        public void end(HttpServerRequest request) {
            problem.end(request.response());
        }
    }

    /** It is not taken, nor read to its end. */
    record Unread(Problem problem) implements Reply {
        @Override
        public void end(HttpServerRequest request) {
            problem.endUnread(request);
        }
    }
}
