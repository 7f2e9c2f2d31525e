package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.lane.Lanes.Seen;
import dev.sluice.lane.Lanes.State;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A lane, as an operator sees it.
 *
 * @param id by which it is acted upon
 * @param target where its events go
 * @param source where they come from
 * @param orderingKey what they are in order by, after its kind: {@code k:} an entity, {@code t:} an event type, {@code s:} the whole
 *     source, {@code u:} nothing
 * @param state {@code ready}, {@code leased}, {@code waiting} or {@code parked}
 * @param head the event that stands first
 * @param headAcceptedAt when that was accepted
 * @param queued how many events are in the lane
 * @param attempts how often its head has failed
 * @param lastError why it failed last; null when it did not
 * @param retryInMillis when it is tried again; null unless the lane waits
 * @param pending what will be done when the attempt that is under way has ended: {@code park}, {@code skip} or both; null when
 *     nothing is
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LaneView(
        String id,
        String target,
        String source,
        String orderingKey,
        String state,
        String head,
        Instant headAcceptedAt,
        long queued,
        int attempts,
        @Nullable String lastError,
        @Nullable Long retryInMillis,
        @Nullable List<String> pending) {

    /**
     * Some of them.
     *
     * @param next what {@code after} is to be for the next page; null when this is the last
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(List<LaneView> lanes, @Nullable String next) {}

    /**
     * What became of an action.
     *
     * @param lane the id of the lane
     * @param outcome {@code done}, or {@code pending} when it will be done as soon as the attempt that is under way has ended
     */
    @RegisterForReflection
    public record Acted(String lane, String outcome) {}

    static LaneView of(Seen seen) {
        return new LaneView(
                seen.ref().text(),
                seen.ref().target(),
                seen.ref().source(),
                seen.ref().orderingKey(),
                seen.state().name().toLowerCase(Locale.ROOT),
                seen.head(),
                Instant.ofEpochMilli(seen.acceptedAt()),
                seen.queued(),
                seen.attempts(),
                seen.reason().isEmpty() ? null : seen.reason(),
                seen.state() == State.WAITING ? seen.remaining().toMillis() : null,
                pending(seen));
    }

    private static @Nullable List<String> pending(Seen seen) {
        if (seen.parks()) {
            return seen.skips().isEmpty() ? List.of("park") : List.of("park", "skip");
        }
        return seen.skips().isEmpty() ? null : List.of("skip");
    }
}
