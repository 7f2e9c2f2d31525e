package dev.sluice.target;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What registered webhooks are set up with.
 *
 * @param enabled whether webhooks can be registered and are sent to
 * @param sources the names of the sources whose events they may subscribe to
 * @param catalogue the event types that there are; empty when any may be subscribed to
 * @param policies the names of the policies that one may be registered under
 * @param secretOverlap for how long a secret that was replaced signs beside the new one
 * @param concurrency how many attempts one gateway makes at once, to all of them together
 * @param disableAfter after how long without a single success a webhook is disabled; empty for never
 */
public record WebhookSettings(
        boolean enabled,
        Set<String> sources,
        Set<String> catalogue,
        Set<String> policies,
        Duration secretOverlap,
        int concurrency,
        Optional<Duration> disableAfter) {

    /** Whether registered webhooks may want the events of this source. */
    public boolean wants(String source) {
        return enabled && sources.contains(source);
    }
}
