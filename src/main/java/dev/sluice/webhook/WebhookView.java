package dev.sluice.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.target.Filter;
import dev.sluice.target.Registry.Registered;
import dev.sluice.target.Webhook;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook as the API shows it.
 *
 * @param id its id
 * @param url where events go
 * @param events the event types it wants, or patterns of them
 * @param filters what must hold of the body of an event that it wants; null where it has none
 * @param ordered whether it gets the events of a lane in order
 * @param policy the policy under which it is called; null means the default
 * @param description for people
 * @param enabled whether events go out; while they do not, they wait
 * @param disabledBecause why it is disabled
 * @param createdAt when it was registered
 * @param previousValidUntil up to when the secret that was replaced signs as well
 * @param secretKey shown only in the answer that hands it out
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WebhookView(
        String id,
        URI url,
        List<String> events,
        @Nullable List<Filter> filters,
        boolean ordered,
        @Nullable String policy,
        @Nullable String description,
        boolean enabled,
        @Nullable String disabledBecause,
        Instant createdAt,
        @Nullable Instant previousValidUntil,
        @Nullable String secretKey) {

    static WebhookView of(Registered registered) {
        return of(registered.id(), registered.webhook(), null);
    }

    static WebhookView of(String id, Webhook webhook, @Nullable String secretKey) {
        return new WebhookView(
                id,
                webhook.url(),
                webhook.events(),
                webhook.filters().isEmpty() ? null : webhook.filters(),
                webhook.ordered(),
                webhook.policy(),
                webhook.description(),
                webhook.enabled(),
                webhook.disabledBecause(),
                webhook.createdAt(),
                webhook.previousValidUntil(),
                secretKey);
    }

    /** Some webhooks.
     *
     * @param webhooks in the order of their ids
     * @param next what to ask for as {@code after} to see more; null when there are no more
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(List<WebhookView> webhooks, @Nullable String next) {}

    /** A new secret.
     *
     * @param secretKey signs from now on
     * @param previousValidUntil up to when the one before signs as well
     */
    @RegisterForReflection
    public record Rotated(String secretKey, @Nullable Instant previousValidUntil) {}
}
