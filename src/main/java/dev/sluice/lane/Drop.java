package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Drops everything that waits for a target that is no more: its lanes and its dead letters, a bounded part at a time. */
@ApplicationScoped
public class Drop {
    private static final int MOST_LANES = 50;
    private static final int MOST_EVENTS = 200;
    private static final int CALLS_AT_ONCE = 4;

    private final Script lanes = Script.named("lanes");
    private final Script drop = Script.named("drop");
    private final Scripts scripts;
    private final LaneSettings settings;

    Drop(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Drops all of it. Safe to repeat, and to begin again where another gateway stopped. */
    public Uni<Void> drop(String target) {
        return Multi.createFrom()
                .range(0, settings.partitions())
                .onItem()
                .transformToUni(partition -> dropIn(new Partition(partition), target))
                .merge(CALLS_AT_ONCE)
                .onItem()
                .ignoreAsUni();
    }

    /** Part after part: a loop and no recursion, as there may be any number of them. */
    private Uni<Void> dropIn(Partition where, String target) {
        return Multi.createBy()
                .repeating()
                .uni(() -> dropPart(where, target))
                .whilst(more -> more)
                .onItem()
                .ignoreAsUni();
    }

    /** Drops some of it, and tells whether there may be more. */
    private Uni<Boolean> dropPart(Partition where, String target) {
        Call call = new Call(lanes)
                .key(where.key("w", target))
                .key(where.key("x", target))
                .arg(MOST_LANES);
        return scripts.run(call).chain(answer -> {
            List<String> found = answer.stream().skip(1).map(Response::toString).toList();
            int count = answer.get(0).toInteger();
            // Also when there is nothing: a hold of the target may be left.
            return dropSome(where, target, found.subList(0, count), found.subList(count, found.size()))
                    .map(gone -> !found.isEmpty());
        });
    }

    private Uni<Response> dropSome(Partition where, String target, List<String> laneIds, List<String> deadLetters) {
        Call call = new Call(drop)
                .key(where.key("w", target))
                .key(where.ages(target))
                .key(where.key("x", target))
                .key(where.key("l"))
                .key(where.key("e"))
                .key(where.key("n"))
                .key(where.key("why"))
                .key(where.key("due"))
                .key(where.key("t"))
                .key(where.lettersOfWebhooks())
                .arg(target)
                .arg(MOST_EVENTS)
                .arg(laneIds.size());
        laneIds.forEach(lane ->
                call.key(where.key("q", lane)).key(where.key("latest", lane)).arg(lane));
        deadLetters.forEach(call::arg);
        return scripts.run(call);
    }
}
