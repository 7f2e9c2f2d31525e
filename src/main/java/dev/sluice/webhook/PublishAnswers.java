package dev.sluice.webhook;

import dev.sluice.event.Event;
import dev.sluice.event.Story;
import dev.sluice.problem.Problem;
import dev.sluice.webhook.Publishing.Published;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/** What an application that publishes is answered, and what of it goes into log and metrics: one line and one count an event. */
@ApplicationScoped
class PublishAnswers {
    private static final Logger LOG = Logger.getLogger(PublishAnswers.class);

    private final MeterRegistry meters;

    PublishAnswers(MeterRegistry meters) {
        this.meters = meters;
    }

    /** To a request of one event. */
    Response one(Published published) {
        PublishAnswer told = told(published);
        if (published instanceof Published.Refused refused) {
            return Problem.invalid(Fault.errors(refused.faults())).response();
        }
        if (!(published instanceof Published.Accepted accepted)) {
            return Problem.unavailable();
        }
        Response.ResponseBuilder answer = Response.accepted(told);
        if (accepted.before()) {
            answer.header("Idempotency-Replayed", true);
        }
        return answer.build();
    }

    /** To a request of several. */
    Response several(List<Published> results) {
        return Response.accepted(
                        new PublishAnswer.Batch(results.stream().map(this::told).toList()))
                .build();
    }

    /** To one that cannot be understood as a whole. */
    Response refused(Fault fault) {
        return one(new Published.Refused(List.of(fault)));
    }

    /** To one under whose key there was another. */
    Response anotherUnderTheSameKey() {
        rejected("idempotency-key");
        return Problem.of(422, "idempotency-key", "Another request was sent under this Idempotency-Key")
                .response();
    }

    private PublishAnswer told(Published published) {
        if (published instanceof Published.Accepted accepted) {
            accepted(accepted);
            return new PublishAnswer(accepted.id(), "accepted", accepted.sequence(), null);
        }
        if (published instanceof Published.Refused refused) {
            rejected("invalid");
            return new PublishAnswer(null, "invalid", null, Fault.errors(refused.faults()));
        }
        rejected("store-unavailable");
        return new PublishAnswer(null, "unavailable", null, null);
    }

    private void accepted(Published.Accepted accepted) {
        Event event = accepted.event();
        String result = accepted.before() ? "duplicate" : "accepted";
        String note = accepted.taken().note();
        count(result, note);
        Story.tell(
                LOG,
                Level.INFO,
                result,
                "event",
                accepted.id(),
                "source",
                event.source(),
                "type",
                event.type(),
                "sequence",
                accepted.sequence(),
                "targets",
                accepted.taken().targets(),
                "reason",
                note.isEmpty() ? null : note);
    }

    private void rejected(String reason) {
        count("rejected", reason);
        Story.tell(LOG, Level.WARN, "rejected", "source", PublishedSource.NAME, "reason", reason);
    }

    private void count(String result, String reason) {
        meters.counter("sluice.events", "source", PublishedSource.NAME, "result", result, "reason", reason)
                .increment();
    }
}
