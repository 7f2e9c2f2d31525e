package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.fleet.Jobs.Job;
import dev.sluice.fleet.Jobs.Standing;
import dev.sluice.fleet.Jobs.State;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A job, as an operator sees it.
 *
 * @param kind {@code redrive} or {@code replay}
 * @param targets whose lanes events go into; null where the dead letters were named
 * @param since from when on events are meant; null where the dead letters were named
 * @param until up to when they are
 * @param source the only source whose events are meant; null for any
 * @param ids how many dead letters were named; null where none were
 * @param rate how many events a second at most; null for as many as can
 * @param to {@code front} or {@code back}; null unless dead letters are redriven
 * @param state {@code running}, {@code done} or {@code cancelled}
 * @param moved how many events it has put into lanes by now
 * @param percent how much of the data it has gone through
 * @param by the name of the key that began it
 * @param overAt when it was over; null while it runs
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobView(
        String id,
        String kind,
        @Nullable List<String> targets,
        @Nullable Instant since,
        Instant until,
        @Nullable String source,
        @Nullable Integer ids,
        @Nullable Integer rate,
        @Nullable String to,
        String state,
        long moved,
        int percent,
        String by,
        Instant begunAt,
        @Nullable Instant overAt) {

    /** All that are told of, the one that began first before the others. */
    @RegisterForReflection
    public record All(List<JobView> jobs) {}

    static JobView of(Job job, Task task, int steps) {
        Standing standing = job.standing();
        Instant begun = Instant.ofEpochMilli(standing.begunAt());
        Task.Redriving redriving = task instanceof Task.Redriving some ? some : null;
        Task.Replaying replaying = task instanceof Task.Replaying some ? some : null;
        List<String> ids = redriving == null ? List.of() : redriving.ids();
        boolean named = !ids.isEmpty();
        Long until = replaying == null ? null : replaying.until();
        return new JobView(
                job.id(),
                redriving == null ? "replay" : "redrive",
                named ? null : task.targets(),
                named ? null : Instant.ofEpochMilli(task.since()),
                until == null ? begun : Instant.ofEpochMilli(until),
                replaying == null ? null : replaying.source(),
                named ? ids.size() : null,
                task.rate(),
                redriving == null ? null : text(redriving.to()),
                text(standing.state()),
                standing.moved(),
                standing.state() == State.DONE ? 100 : 100 * standing.steps() / Math.max(1, steps),
                job.by(),
                begun,
                standing.overAt() == 0 ? null : Instant.ofEpochMilli(standing.overAt()));
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
