package dev.sluice.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A target from configuration, as an operator sees it.
 *
 * @param pausedBecause why it is paused; null when it is not
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TargetView(
        String name, boolean paused, @Nullable String pausedBecause) {

    /** All of them, in the order of their names. */
    @RegisterForReflection
    public record All(List<TargetView> targets) {}

    static TargetView of(String name, @Nullable String why) {
        return new TargetView(name, why != null, why);
    }
}
