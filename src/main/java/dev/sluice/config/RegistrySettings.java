package dev.sluice.config;

import dev.sluice.signature.Seal;
import dev.sluice.target.WebhookSettings;
import dev.sluice.webhook.PublishedSource;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What registered webhooks are set up with, out of its properties. */
final class RegistrySettings {
    private static final Duration SECRET_OVERLAP = Duration.ofHours(24);

    /** Well below what may be under way to Redis, as each of them may be. */
    private static final int CONCURRENCY = 512;

    private static final int MOST_CONCURRENCY = 2_000;

    private RegistrySettings() {}

    /** Reads and checks it.
     *
     * @param sources the names of all sources, that of published events among them
     * @param policies the names of all policies
     */
    static WebhookSettings read(
            SluiceProperties properties, Set<String> sources, Set<String> policies, Seal seal, Faults faults) {
        Values values = new Values("sluice.webhooks.", faults);
        SluiceProperties.Webhooks webhooks = properties.webhooks();
        Set<String> wanted = new LinkedHashSet<>(
                webhooks.sources().isEmpty() ? List.of(PublishedSource.NAME) : Values.list(webhooks.sources()));
        for (String source : wanted) {
            if (!sources.contains(source)) {
                values.fault("sources", "there is no source '" + source + "'", "name one of " + sources);
            }
        }
        List<String> catalogue = Values.list(properties.events().catalogue());
        if (catalogue.stream().anyMatch(type -> type.isEmpty() || type.indexOf('*') >= 0)) {
            faults.add("sluice.events.catalogue", "one of them is empty or a pattern", "name event types");
        }
        Optional<Duration> disableAfter = webhooks.disableAfter()
                .map(text -> values.duration("disable-after", Optional.of(text), SECRET_OVERLAP));
        return new WebhookSettings(
                !seal.isEmpty(),
                Set.copyOf(wanted),
                Set.copyOf(catalogue),
                Set.copyOf(policies),
                values.duration("secret-overlap", webhooks.secretOverlap(), SECRET_OVERLAP),
                values.integer("concurrency", webhooks.concurrency(), CONCURRENCY, 1, MOST_CONCURRENCY),
                disableAfter);
    }
}
