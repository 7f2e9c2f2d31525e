package dev.sluice.target;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A registered webhook, as it is kept in Redis.
 *
 * @param url where events are POSTed to
 * @param events the event types it wants, or patterns of them
 * @param filters what must hold of the body of an event that it wants
 * @param ordered whether it gets the events of a lane in order; false makes each event a lane of its own
 * @param policy the name of the policy under which it is called; null means the default
 * @param description for people; null when there is none
 * @param enabled whether events go out to it; while it is false they wait
 * @param disabledBecause why it was disabled; null while it is enabled
 * @param createdAt when it was registered
 * @param secret the secretKey, sealed
 * @param previousSecret the one before, sealed; null unless the secret was changed of late
 * @param previousValidUntil up to when the one before signs as well; null where there is none
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Webhook(
        URI url,
        List<String> events,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Filter> filters,
        boolean ordered,
        @Nullable String policy,
        @Nullable String description,
        boolean enabled,
        @Nullable String disabledBecause,
        Instant createdAt,
        String secret,
        @Nullable String previousSecret,
        @Nullable Instant previousValidUntil) {

    public Webhook {
        // What was stored before there were filters has none.
        filters = filters == null ? List.of() : filters;
    }

    /** Goes to another URL, wants other events. */
    public Webhook with(URI newUrl, List<String> newEvents, List<Filter> newFilters) {
        return new Webhook(
                newUrl,
                newEvents,
                newFilters,
                ordered,
                policy,
                description,
                enabled,
                disabledBecause,
                createdAt,
                secret,
                previousSecret,
                previousValidUntil);
    }

    /** Whether the secret that was replaced no longer signs, and is kept for nothing. */
    boolean hasAnOutdatedSecret(Instant now) {
        return previousValidUntil != null && previousValidUntil.isBefore(now);
    }

    /** Is sent to again. */
    public Webhook enable() {
        return withEnabled(true, null);
    }

    /** Is sent to no more, until it is enabled. */
    public Webhook disable(String because) {
        return withEnabled(false, because);
    }

    /** Signs with another secret; up to a moment the one before signs as well. */
    public Webhook rotate(String newSecret, Instant until) {
        return withSecrets(newSecret, secret, until);
    }

    /** Bears its secrets under another seal. */
    public Webhook withSecrets(String newSecret, @Nullable String newPrevious, @Nullable Instant until) {
        return new Webhook(
                url,
                events,
                filters,
                ordered,
                policy,
                description,
                enabled,
                disabledBecause,
                createdAt,
                newSecret,
                newPrevious,
                until);
    }

    private Webhook withEnabled(boolean now, @Nullable String because) {
        return new Webhook(
                url,
                events,
                filters,
                ordered,
                policy,
                description,
                now,
                because,
                createdAt,
                secret,
                previousSecret,
                previousValidUntil);
    }
}
