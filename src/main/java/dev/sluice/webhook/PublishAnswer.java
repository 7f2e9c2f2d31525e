package dev.sluice.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.problem.Problem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one published event.
 *
 * @param id its id; null unless it was accepted
 * @param status {@code accepted}, {@code invalid} or {@code unavailable}: to be published again
 * @param sequence its number among the events of its ordering key; null unless it was accepted
 * @param errors what is wrong with it; null unless it is invalid
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PublishAnswer(
        @Nullable String id,
        String status,
        @Nullable Long sequence,
        @Nullable List<Problem.Detail> errors) {

    /** What became of each event of a batch, in their order. */
    @RegisterForReflection
    public record Batch(List<PublishAnswer> results) {}
}
