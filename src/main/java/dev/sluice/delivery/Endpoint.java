package dev.sluice.delivery;

import dev.sluice.lane.Leased;
import dev.sluice.lane.QueuedEvent;
import dev.sluice.target.Target;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.util.TypeLiteral;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/** The HTTP side of a target: what a request to it looks like, and the guard under which it is sent. */
final class Endpoint {
    private final Target target;
    private final Policy policy;
    private final HttpClient client;
    private final Tracing tracing;
    private final TypedGuard<Uni<Outcome>> guard;

    Endpoint(Target target, Policy policy, HttpClient client, Tracing tracing) {
        this.target = target;
        this.policy = policy;
        this.client = client;
        this.tracing = tracing;
        this.guard = TypedGuard.create(new TypeLiteral<Uni<Outcome>>() {})
                .withTimeout()
                .duration(policy.timeout().toMillis(), ChronoUnit.MILLIS)
                .done()
                .build();
    }

    Attempt attempt(Leased leased) {
        return new Attempt(client, leased);
    }

    /** Sends an attempt under the policy. Never fails: what goes wrong is an outcome. */
    Uni<Outcome> send(Attempt attempt, Leased leased) {
        Tracing.Sending span = tracing.sending(target.name(), leased.head());
        return guard.get(() -> Uni.createFrom().deferred(() -> UniHelper.toUni(attempt.send(request(leased, span)))))
                .onFailure(TimeoutException.class)
                .recoverWithItem(() ->
                        attempt.timedOut("no answer within " + policy.timeout().toMillis() + " ms"))
                // An event of which no request can be made must not freeze its lane: it fails until it is set aside.
                .onFailure()
                .recoverWithItem(Outcome.Failed::because)
                .invoke(span::ended);
    }

    private RequestOptions request(Leased leased, Tracing.Sending span) {
        QueuedEvent event = leased.head();
        RequestOptions request = new RequestOptions()
                .setAbsoluteURI(target.url().toString())
                .setMethod(HttpMethod.POST)
                .setFollowRedirects(false)
                .setConnectTimeout(policy.connectTimeout().toMillis());
        target.headers().forEach(request::putHeader);
        request.putHeader("Webhook-Event", event.type())
                .putHeader("Webhook-Id", event.id())
                .putHeader("Webhook-Sequence", Long.toString(event.sequence()))
                .putHeader("Webhook-Attempt", Integer.toString(leased.attempts() + 1));
        if (event.content().contentType() != null) {
            request.putHeader("Content-Type", event.content().contentType());
        }
        if (target.signer() != null) {
            // Webhook-Id may be among them: putting a header takes the place of the one before, however it is written.
            target.signer()
                    .headers(event.id(), Instant.now(), event.content().body())
                    .forEach(request::putHeader);
        }
        span.traceparent().ifPresent(traceparent -> request.putHeader("traceparent", traceparent));
        return request;
    }
}
