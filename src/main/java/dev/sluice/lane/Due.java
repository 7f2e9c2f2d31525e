package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells which targets of a partition have lanes to claim: what finds the lanes that nobody remembers. */
@ApplicationScoped
public class Due {
    private static final int MOST_TARGETS = 1_000;

    private final Script script = Script.named("due");
    private final Scripts scripts;

    /** What is due in a partition.
     *
     * @param now the targets that have, or may have, lanes to claim
     * @param next when the next one may have, from now; empty when none waits
     */
    public record Targets(List<String> now, Optional<Duration> next) {}

    Due(Scripts scripts) {
        this.scripts = scripts;
    }

    public Uni<Targets> due(int partition) {
        Call call = new Call(script).key(new Partition(partition).key("due")).arg(MOST_TARGETS);
        return scripts.run(call).map(answer -> {
            List<String> now = new ArrayList<>();
            for (int i = 1; i < answer.size(); i++) {
                now.add(answer.get(i).toString());
            }
            long next = answer.get(0).toLong();
            return new Targets(now, next < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(next)));
        });
    }
}
