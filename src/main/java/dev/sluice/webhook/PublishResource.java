package dev.sluice.webhook;

import dev.sluice.access.Roles;
import dev.sluice.event.DedupId;
import dev.sluice.webhook.Idempotency.Seen;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /events}: where an application publishes. */
@Path("/events")
@RolesAllowed(Roles.PUBLISH)
public class PublishResource {
    private static final String KEY = "Idempotency-Key";
    private static final int LONGEST_KEY = 255;
    private static final Fault NO_KEY = Fault.ofAll(
            KEY + " is repeated, empty, longer than " + LONGEST_KEY + " characters or not printable ASCII",
            "send one that is as it must be, or none");

    private final PublishReader reader = new PublishReader();
    private final Publishing publishing;
    private final PublishAnswers answers;
    private final Idempotency idempotency;
    private final InstantSource time;

    PublishResource(Publishing publishing, PublishAnswers answers, Idempotency idempotency, InstantSource time) {
        this.publishing = publishing;
        this.answers = answers;
        this.idempotency = idempotency;
        this.time = time;
    }

    @POST
    public Uni<Response> publish(@Context HttpHeaders headers, byte[] body) {
        List<String> keys = headers.getRequestHeader(KEY);
        if (keys.size() > 1 || !keys.stream().allMatch(PublishResource::isKey)) {
            return Uni.createFrom().item(answers.refused(NO_KEY));
        }
        PublishRequest request = reader.read(headers.getHeaderString("Content-Type"), body, time.instant());
        String traceparent = headers.getHeaderString("traceparent");
        // What cannot be accepted must not take up its key: it is to be mended and sent again.
        if (keys.isEmpty() || !request.isAcceptable()) {
            return publish(request, null, traceparent);
        }
        DedupId digest = DedupId.ofBody(PublishedSource.NAME, body);
        return idempotency
                .see(keys.get(0), digest)
                .chain(seen -> seen == Seen.OTHER
                        ? Uni.createFrom().item(answers.anotherUnderTheSameKey())
                        : publish(request, keys.get(0) + " " + digest.text(), traceparent));
    }

    private Uni<Response> publish(PublishRequest request, @Nullable String identity, @Nullable String traceparent) {
        if (request instanceof PublishRequest.Batch batch) {
            return publishing.publish(batch.events(), identity, traceparent).map(answers::several);
        }
        if (request instanceof PublishRequest.Single single) {
            return publishing
                    .publish(List.of(single.event()), identity, traceparent)
                    .map(results -> answers.one(results.get(0)));
        }
        return Uni.createFrom().item(answers.refused(((PublishRequest.Refused) request).fault()));
    }

    private static boolean isKey(String key) {
        return !key.isEmpty() && key.length() <= LONGEST_KEY && key.chars().allMatch(c -> c >= ' ' && c <= '~');
    }
}
