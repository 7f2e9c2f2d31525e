package dev.sluice.delivery;

import dev.sluice.fleet.Pauses;
import dev.sluice.lane.Leased;
import dev.sluice.lane.QueuedEvent;
import dev.sluice.target.Connection;
import dev.sluice.target.Registry;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side of a target: what a request to it looks like, and the guard under which it is sent. What the target is, is looked
 * up for each attempt: a registered webhook may have another URL by then, or be gone.
 */
final class Endpoint {
    /** What must be left of a lease for a request to begin: time for the renewal to come before the end. */
    private static final Duration LEAST_LEASE = Duration.ofMillis(500);

    private final String name;
    private final Targets targets;
    private final Registry registry;
    private final Policy policy;
    private final Connection connection;
    private final TargetClients clients;
    private final Optional<AccessToken> token;
    private final Pauses pauses;
    private final Tracing tracing;
    private final Breaker breaker;
    private volatile Consumer<CircuitBreakerState> listener = state -> {};

    Endpoint(
            Target target,
            Targets targets,
            Registry registry,
            Policy policy,
            TargetClients clients,
            AccessTokens tokens,
            Pauses pauses,
            Tracing tracing) {
        this.name = target.name();
        this.connection = target.connection();
        this.targets = targets;
        this.registry = registry;
        this.policy = policy;
        this.clients = clients;
        this.token = connection.oauth2().map(tokens::of);
        this.pauses = pauses;
        this.tracing = tracing;
        this.breaker = new Breaker(policy.circuit(), state -> listener.accept(state));
    }

    /** Tells somebody of each new state of the circuit, on any thread. */
    void onCircuit(Consumer<CircuitBreakerState> told) {
        listener = told;
    }

    CircuitBreakerState circuit() {
        return breaker.state();
    }

    /** An attempt to deliver the head of a lane, for as long as it is leased. */
    Attempt attempt(Leased leased) {
        return new Attempt(this::connect, leased.head().content().body(), () -> {
            if (leased.lease().remaining().compareTo(LEAST_LEASE) < 0) {
                return Optional.of(new Outcome.Lost("the lease had ended before the request could be written"));
            }
            return withheld().map(Outcome.Withheld::new);
        });
    }

    /** An attempt to send something that stands in no lane. */
    Attempt attempt(QueuedEvent event) {
        return new Attempt(
                this::connect,
                event.content().body(),
                () -> isThere() && (!Target.isRegistered(name) || registry.isCurrent())
                        ? Optional.empty()
                        : Optional.of(new Outcome.Withheld("it was unsubscribed")));
    }

    /** Where it leads now; null when there is no such target any more. */
    @Nullable
    URI url() {
        Target target = targets.named(name);
        return target == null ? null : target.url();
    }

    /** Whether there is such a target, as far as this gateway has heard. */
    boolean isThere() {
        return targets.named(name) != null;
    }

    /** Why nothing may be sent to the target now; empty when something may. */
    Optional<String> withheld() {
        Target target = targets.named(name);
        if (target == null) {
            return Optional.of("it was unsubscribed");
        }
        if (!target.enabled()) {
            return Optional.of("it is disabled");
        }
        if (!Target.isRegistered(name)) {
            return pauses.of(name);
        }
        return registry.isCurrent()
                ? Optional.empty()
                : Optional.of("this gateway may not have heard that it was unsubscribed");
    }

    /** Whether it is paused, as Redis has it. */
    Uni<Boolean> isPaused() {
        return pauses.all().map(all -> all.containsKey(name));
    }

    /** Sends an attempt under the policy, unless the circuit is open. Never fails: what goes wrong is an outcome.
     *
     * @param number the attempt's number, from 1
     */
    Uni<Outcome> send(Attempt attempt, QueuedEvent event, int number) {
        return authorized(bearer -> breaker.attempt(() -> send(attempt, event, number, bearer)));
    }

    /** The same whatever the circuit, which does not hear of it. */
    Uni<Outcome> sendPastTheCircuit(Attempt attempt, QueuedEvent event, int number) {
        return authorized(bearer -> send(attempt, event, number, bearer));
    }

    /** Sends with the access token that the target wants, which is there before anything else begins. */
    private Uni<Outcome> authorized(Function<Optional<String>, Uni<Outcome>> sending) {
        if (token.isEmpty()) {
            return sending.apply(Optional.empty());
        }
        AccessToken known = token.get();
        // Whoever asked for it first gets it on an event loop of its own.
        Context loop = Objects.requireNonNull(Vertx.currentContext(), "attempts begin on an event loop");
        return known.get()
                .emitOn(work -> loop.runOnContext(nothing -> work.run()))
                .chain(bearer -> sending.apply(Optional.of(bearer)).invoke(outcome -> {
                    if (outcome instanceof Outcome.Failed failed && failed.isUnauthorized()) {
                        known.refused(bearer);
                    }
                }))
                .onFailure(AccessToken.Missing.class)
                .recoverWithItem(missing -> new Outcome.Withheld(
                        "there is no access token", Optional.of(((AccessToken.Missing) missing).pause())));
    }

    private Uni<Outcome> send(Attempt attempt, QueuedEvent event, int number, Optional<String> bearer) {
        Target target = targets.named(name);
        if (target == null) {
            return Uni.createFrom().item(new Outcome.Withheld("it was unsubscribed"));
        }
        Tracing.Sending span = tracing.sending(Target.label(name), event);
        return Uni.createFrom()
                .deferred(() ->
                        UniHelper.toUni(attempt.send(request(target, event, number, bearer, span), policy.timeout())))
                // An event of which no request can be made must not freeze its lane: it fails until it is set aside.
                .onFailure()
                .recoverWithItem(Outcome.Failed::because)
                .invoke(span::ended);
    }

    private Future<HttpClientRequest> connect(RequestOptions options) {
        TargetClient client = clients.of(options.isSsl(), connection);
        // Whoever may register a webhook decides where it leads; a target from configuration is the operator's own.
        return Target.isRegistered(name) || policy.guarded() ? client.guarded(options) : client.anywhere(options);
    }

    private RequestOptions request(
            Target target, QueuedEvent event, int number, Optional<String> bearer, Tracing.Sending span) {
        RequestOptions request = new RequestOptions()
                .setAbsoluteURI(target.url().toString())
                .setMethod(HttpMethod.POST)
                .setFollowRedirects(false)
                .setConnectTimeout(policy.connectTimeout().toMillis());
        target.headers().forEach(request::putHeader);
        bearer.ifPresent(text -> request.putHeader("Authorization", "Bearer " + text));
        request.putHeader("Webhook-Event", event.type())
                .putHeader("Webhook-Id", event.id())
                .putHeader("Webhook-Sequence", Long.toString(event.sequence()))
                .putHeader("Webhook-Attempt", Integer.toString(number));
        if (event.stale()) {
            request.putHeader("Webhook-Stale", "true");
        }
        if (event.content().contentType() != null) {
            request.putHeader("Content-Type", event.content().contentType());
        }
        // Webhook-Id may be among them: putting a header takes the place of the one before, however it is written.
        target.signer()
                .get()
                .ifPresent(signer -> signer.headers(
                                event.id(), Instant.now(), event.content().body())
                        .forEach(request::putHeader));
        span.traceparent().ifPresent(traceparent -> request.putHeader("traceparent", traceparent));
        return request;
    }
}
