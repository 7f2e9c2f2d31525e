package dev.sluice.webhook;

import dev.sluice.access.Roles;
import dev.sluice.event.DedupId;
import dev.sluice.event.Event;
import dev.sluice.event.Story;
import dev.sluice.problem.Problem;
import dev.sluice.webhook.Idempotency.Seen;
import dev.sluice.webhook.Publishing.Published;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.InstantSource;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/** {@code POST /events}: where an application publishes. */
@Path("/events")
@RolesAllowed(Roles.PUBLISH)
public class PublishResource {
    private static final Logger LOG = Logger.getLogger(PublishResource.class);
    private static final String KEY = "Idempotency-Key";
    private static final int LONGEST_KEY = 255;

    private final PublishReader reader = new PublishReader();
    private final Publishing publishing;
    private final Idempotency idempotency;
    private final InstantSource time;
    private final MeterRegistry meters;

    PublishResource(Publishing publishing, Idempotency idempotency, InstantSource time, MeterRegistry meters) {
        this.publishing = publishing;
        this.idempotency = idempotency;
        this.time = time;
        this.meters = meters;
    }

    @POST
    public Uni<Response> publish(@Context HttpHeaders headers, byte[] body) {
        List<String> keys = headers.getRequestHeader(KEY);
        if (keys.size() > 1 || !keys.stream().allMatch(PublishResource::isKey)) {
            return answer(invalid(List.of(Fault.ofAll(
                    KEY + " is repeated, empty, longer than " + LONGEST_KEY + " characters or not printable ASCII",
                    "send one that is as it must be, or none"))));
        }
        PublishRequest request = reader.read(headers.getHeaderString("Content-Type"), body, time.instant());
        if (request instanceof PublishRequest.Refused refused) {
            return answer(invalid(List.of(refused.fault())));
        }
        if (keys.isEmpty()) {
            return publish(request, null, headers);
        }
        DedupId digest = DedupId.ofBody(PublishedSource.NAME, body);
        return idempotency
                .see(keys.get(0), digest)
                .chain(seen -> seen == Seen.OTHER
                        ? answer(Problem.of(
                                        422, "idempotency-key", "Another request was sent under this Idempotency-Key")
                                .response())
                        : publish(request, keys.get(0) + " " + digest.text(), headers));
    }

    private Uni<Response> publish(PublishRequest request, @Nullable String identity, HttpHeaders headers) {
        String traceparent = headers.getHeaderString("traceparent");
        if (request instanceof PublishRequest.Batch batch) {
            return publishing.publish(batch.events(), identity, traceparent).map(this::answers);
        }
        Publication publication = ((PublishRequest.Single) request).event();
        if (publication instanceof Publication.Faulty faulty) {
            return answer(invalid(faulty.faults()));
        }
        return publishing.publish(List.of(publication), identity, traceparent).map(results -> single(results.get(0)));
    }

    private Response single(Published published) {
        if (!(published instanceof Published.Accepted accepted)) {
            return Problem.unavailable();
        }
        Response.ResponseBuilder answer = Response.accepted(told(published));
        if (accepted.before()) {
            answer.header("Idempotency-Replayed", true);
        }
        return answer.build();
    }

    private Response answers(List<Published> results) {
        return Response.accepted(
                        new PublishAnswer.Batch(results.stream().map(this::told).toList()))
                .build();
    }

    private PublishAnswer told(Published published) {
        if (published instanceof Published.Accepted accepted) {
            tell(accepted);
            return new PublishAnswer(accepted.id(), "accepted", accepted.sequence(), null);
        }
        if (published instanceof Published.Refused refused) {
            return new PublishAnswer(null, "invalid", null, Fault.errors(refused.faults()));
        }
        return new PublishAnswer(null, "unavailable", null, null);
    }

    private void tell(Published.Accepted accepted) {
        Event event = accepted.event();
        String result = accepted.before() ? "duplicate" : "accepted";
        String reason = accepted.targets() == 0 && !accepted.before() ? "no-target" : "";
        meters.counter("sluice.events", "source", event.source(), "result", result, "reason", reason)
                .increment();
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
                accepted.targets());
    }

    private static Response invalid(List<Fault> faults) {
        return Problem.invalid(Fault.errors(faults)).response();
    }

    private static Uni<Response> answer(Response response) {
        return Uni.createFrom().item(response);
    }

    private static boolean isKey(String key) {
        return !key.isEmpty() && key.length() <= LONGEST_KEY && key.chars().allMatch(c -> c >= ' ' && c <= '~');
    }
}
