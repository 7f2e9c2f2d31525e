package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.lane.Census.Count;
import dev.sluice.lane.Census.Stock;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A target, as an operator sees it; or all registered webhooks together.
 *
 * @param name its name, or the webhook's id; {@code webhooks} for all of those
 * @param paused whether nothing more is sent to it until it is resumed, or enabled
 * @param pausedBecause why; null when it is not, or it is a webhook
 * @param circuit its circuit as this gateway sees it: {@code closed}, {@code half-open} or {@code open}; of webhooks the worst
 * @param heldForMillis for how long nothing more is sent to it, because its circuit is open or it asked for that; null when it is not,
 *     or it is a webhook
 * @param backlog what it has not yet taken
 * @param lanes how many there are, by state; null of one webhook
 * @param deadLetters what was set aside for it
 * @param oldestMillis the age of the oldest head that is not being delivered for the first time; null where there is none, and of
 *     one webhook
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TargetView(
        String name,
        boolean paused,
        @Nullable String pausedBecause,
        String circuit,
        @Nullable Long heldForMillis,
        Amount backlog,
        @Nullable LaneCount lanes,
        Amount deadLetters,
        @Nullable Long oldestMillis) {

    /** All from configuration, in the order of their names; and all registered webhooks together. */
    @RegisterForReflection
    public record All(List<TargetView> targets, TargetView webhooks) {}

    /**
     * So many events.
     *
     * @param bytes their size, as they are stored; null where it is not told
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Amount(long events, @Nullable Long bytes) {}

    /** Lanes that are not empty, by what they are at. */
    @RegisterForReflection
    public record LaneCount(long ready, long leased, long waiting, long parked) {}

    static TargetView of(String name, @Nullable String why, CircuitBreakerState circuit, Count count) {
        return new TargetView(
                name,
                why != null,
                why,
                text(circuit),
                why == null && !count.held().isZero() ? count.held().toMillis() : null,
                new Amount(count.queued(), count.bytes()),
                new LaneCount(count.ready(), count.leased(), count.waiting(), count.parked()),
                new Amount(count.deadLetters(), null),
                count.oldest().isZero() ? null : count.oldest().toMillis());
    }

    static TargetView ofWebhook(String id, boolean enabled, CircuitBreakerState circuit, Stock stock) {
        return new TargetView(
                id,
                !enabled,
                null,
                text(circuit),
                null,
                new Amount(stock.events(), stock.bytes()),
                null,
                new Amount(stock.deadLetters(), stock.deadLetterBytes()),
                null);
    }

    private static String text(CircuitBreakerState circuit) {
        return circuit.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
