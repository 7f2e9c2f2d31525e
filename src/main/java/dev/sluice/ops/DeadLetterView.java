package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.lane.DeadLetterRef;
import dev.sluice.lane.DeadLetters.DeadLetter;
import dev.sluice.lane.DeadLetters.EventHead;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event that was set aside, as an operator sees it.
 *
 * @param id by which it is acted upon
 * @param target the target that it was meant for; null where it was no readable event
 * @param source the source it came from
 * @param orderingKey what it is in order by, after its kind; null where it was no readable event
 * @param event its id
 * @param type its type; null where it was no readable event, or Redis has lost it
 * @param sequence its number among the events of its ordering key; null where it was no readable event, or Redis has lost it
 * @param acceptedAt when it was accepted; null where Redis has lost it
 * @param setAsideAt when it was set aside
 * @param attempts how often it was attempted
 * @param reason why it was set aside
 * @param bytes how large it is, as it is stored; 0 where Redis has lost it
 * @param history every attempt that was made; null in a list, and where no history is kept (any more)
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeadLetterView(
        String id,
        @Nullable String target,
        String source,
        @Nullable String orderingKey,
        String event,
        @Nullable String type,
        @Nullable Long sequence,
        @Nullable Instant acceptedAt,
        Instant setAsideAt,
        int attempts,
        String reason,
        long bytes,
        @Nullable List<EventView.AttemptView> history) {

    /**
     * Some of them.
     *
     * @param next what {@code after} is to be for the next page; null when this is the last
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(
            List<DeadLetterView> deadLetters, @Nullable String next) {}

    static DeadLetterView of(DeadLetter letter, @Nullable List<EventView.AttemptView> history) {
        DeadLetterRef ref = letter.ref();
        Optional<EventHead> readable = letter.event().filter(event -> !ref.isUnreadable());
        return new DeadLetterView(
                ref.text(),
                ref.isUnreadable() ? null : ref.target(),
                ref.source(),
                ref.orderingKey().orElse(null),
                ref.event(),
                readable.map(EventHead::type).orElse(null),
                readable.map(EventHead::sequence).orElse(null),
                letter.event()
                        .map(event -> Instant.ofEpochMilli(event.acceptedAt()))
                        .orElse(null),
                Instant.ofEpochMilli(letter.setAsideAt()),
                letter.attempts(),
                letter.reason(),
                letter.bytes(),
                history);
    }
}
