package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sluice.lane.Redrive.To;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a job is to do, as it is written down for the gateway that does it. Times are in ms. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Task.Redriving.class, name = "redrive"),
    @JsonSubTypes.Type(value = Task.Replaying.class, name = "replay")
})
@RegisterForReflection
public sealed interface Task {
    /** Into whose lanes events go; empty when that is known by the ids. */
    List<String> targets();

    /** Only events set aside, or accepted, since then. */
    long since();

    /** How many events go back into their lanes in a second at most; null for as many as can. */
    @Nullable
    Integer rate();

    /**
     * Dead letters go back into their lanes.
     *
     * @param targets of which targets; empty when they are named
     * @param since only those set aside since then
     * @param ids those and no others; empty for all
     * @param to where in their lanes they go
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Redriving(
            List<String> targets,
            long since,
            List<String> ids,
            @Nullable Integer rate,
            To to) implements Task {}

    /**
     * Events that a target has taken go into its lanes once more.
     *
     * @param targets the one target
     * @param since only those accepted since then
     * @param until only those accepted till then; null for all that were when the job began
     * @param source only those of that source; null for any
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Replaying(
            List<String> targets,
            long since,
            @Nullable Long until,
            @Nullable String source,
            @Nullable Integer rate) implements Task {}
}
