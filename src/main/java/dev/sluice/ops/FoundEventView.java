package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.lane.Events.FoundEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event that was looked for, as the API shows it.
 *
 * @param id its id
 * @param type its type
 * @param source the source it came from
 * @param orderingKey what it is in order by, after its kind
 * @param sequence its number among the events of its ordering key
 * @param acceptedAt when it was accepted
 */
@RegisterForReflection
public record FoundEventView(
        String id, String type, String source, String orderingKey, long sequence, Instant acceptedAt) {

    /**
     * Some of them.
     *
     * @param next what {@code after} is to be for the next page; null when this is the last
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(
            List<FoundEventView> events, @Nullable String next) {}

    static FoundEventView of(FoundEvent event) {
        return new FoundEventView(
                event.id(),
                event.type(),
                event.source(),
                event.orderingKey(),
                event.sequence(),
                Instant.ofEpochMilli(event.acceptedAt()));
    }
}
