package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.lane.History;
import dev.sluice.lane.History.AtTarget;
import dev.sluice.lane.History.Standing;
import dev.sluice.lane.History.Story;
import dev.sluice.lane.Told;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an event stands, as the API shows it.
 *
 * @param id its id
 * @param event its type
 * @param source the source it came from
 * @param sequence its number among the events of its ordering key
 * @param acceptedAt when it was accepted
 * @param stale {@code delivered} or {@code dropped}: what became of it because a newer one of its ordering key and type was accepted
 *     before; null when none was
 * @param targets each target that wanted it
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EventView(
        String id,
        String event,
        String source,
        long sequence,
        Instant acceptedAt,
        @Nullable String stale,
        List<TargetView> targets) {

    /**
     * Where it stands with one target.
     *
     * @param target the target's name, or the webhook's id
     * @param state {@code delivered}, {@code dead}, {@code queued}, {@code sending}, {@code waiting}, {@code parked}, {@code
     *     superseded} or {@code dropped}
     * @param ahead how many events are before it in its lane; null unless it is queued
     * @param retryInMillis when it is tried again; null unless it is waiting
     * @param attempts every attempt that was made
     * @param steps what became of it without an attempt; null where nothing did
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TargetView(
            String target,
            String state,
            @Nullable Long ahead,
            @Nullable Long retryInMillis,
            List<AttemptView> attempts,
            @Nullable List<StepView> steps) {}

    /**
     * What became of it without an attempt.
     *
     * @param what {@code full}: there was no room for it and it was set aside; {@code skipped}: an operator set it aside; {@code redriven}:
     *     it was put back; {@code replayed}: it was put back though the target had it; {@code superseded}: a newer one took its place;
     *     {@code dropped}: it was given up
     */
    @RegisterForReflection
    public record StepView(Instant at, String what) {}

    /**
     * One attempt.
     *
     * @param number from 1
     * @param at when it was over
     * @param status the HTTP status; null when there was no answer
     * @param millis how long it took
     * @param error what went wrong; null when nothing did
     * @param excerpt the beginning of what the target answered; null when nothing went wrong, or it is not kept
     * @param gateway the gateway that made it
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AttemptView(
            int number,
            Instant at,
            @Nullable Integer status,
            long millis,
            @Nullable String error,
            @Nullable String excerpt,
            String gateway) {}

    static EventView of(Story story) {
        return new EventView(
                story.id(),
                story.type(),
                story.source(),
                story.sequence(),
                Instant.ofEpochMilli(story.acceptedAt()),
                switch (story.freshness()) {
                    case FRESH -> null;
                    case STALE -> "delivered";
                    case DROPPED -> "dropped";
                },
                story.targets().stream().map(EventView::target).toList());
    }

    private static TargetView target(AtTarget at) {
        Standing standing = at.standing();
        return new TargetView(
                at.target(),
                state(standing),
                standing instanceof Standing.Queued queued ? queued.ahead() : null,
                standing instanceof Standing.Waiting waiting
                        ? waiting.remaining().toMillis()
                        : null,
                at.attempts().stream().map(EventView::attempt).toList(),
                at.steps().isEmpty()
                        ? null
                        : at.steps().stream()
                                .map(step -> new StepView(Instant.ofEpochMilli(step.at()), step.what()))
                                .toList());
    }

    static AttemptView attempt(History.Attempt attempt) {
        Told told = attempt.told();
        return new AttemptView(
                told.number(),
                Instant.ofEpochMilli(attempt.settledAt()),
                told.status().isPresent() ? told.status().getAsInt() : null,
                told.took().toMillis(),
                told.error(),
                told.excerpt().isEmpty() ? null : told.excerpt(),
                told.gateway());
    }

    private static String state(Standing standing) {
        if (standing instanceof Standing.Delivered) {
            return "delivered";
        }
        if (standing instanceof Standing.Dead) {
            return "dead";
        }
        if (standing instanceof Standing.Queued) {
            return "queued";
        }
        if (standing instanceof Standing.Leased) {
            return "sending";
        }
        if (standing instanceof Standing.Waiting) {
            return "waiting";
        }
        if (standing instanceof Standing.Superseded) {
            return "superseded";
        }
        return standing instanceof Standing.Parked ? "parked" : "dropped";
    }
}
