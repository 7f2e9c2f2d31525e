package dev.sluice.lane;

import dev.sluice.lane.Spread.Unfinished;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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
     * @param unfinished events that are not in all of their lanes yet, some of them
     */
    public record Targets(List<String> now, Optional<Duration> next, List<Unfinished> unfinished) {}

    Due(Scripts scripts) {
        this.scripts = scripts;
    }

    public Uni<Targets> due(int partition) {
        Partition where = new Partition(partition);
        Call call = new Call(script).key(where.key("due")).key(where.key("f")).arg(MOST_TARGETS);
        return scripts.run(call).map(answer -> {
            int count = answer.get(1).toInteger();
            List<Unfinished> unfinished = IntStream.range(0, count)
                    .mapToObj(i -> new Unfinished(
                            partition,
                            answer.get(2 + 2 * i).toString(),
                            answer.get(3 + 2 * i).toString()))
                    .toList();
            List<String> now =
                    answer.stream().skip(2 + 2L * count).map(Response::toString).toList();
            long next = answer.get(0).toLong();
            return new Targets(now, next < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(next)), unfinished);
        });
    }
}
