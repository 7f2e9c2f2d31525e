package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Puts an event that more targets want than fit into one step into the rest of its lanes, step by step. Until that is done no
 * other event of its order is accepted, so that none overtakes it; what a gateway leaves undone the next one that comes finishes,
 * or the sweep.
 */
@ApplicationScoped
public class Spread {
    private final Script rest = Script.named("rest");
    private final Script spread = Script.named("spread");
    private final Scripts scripts;

    Spread(Scripts scripts) {
        this.scripts = scripts;
    }

    /** An event that is not in all of its lanes yet.
     *
     * @param order what it is in order with
     */
    public record Unfinished(int partition, String order, String id) {}

    /** Goes on until it is in all of them. */
    public Uni<Void> finish(Unfinished unfinished) {
        return finish(new Partition(unfinished.partition()), unfinished.order(), unfinished.id());
    }

    Uni<Void> finish(Partition where, String order, String id) {
        String list = rest(where, id.substring(0, id.lastIndexOf('-')));
        return scripts.run(new Call(rest).key(list).arg(Accept.LANES_A_STEP)).chain(answer -> {
            List<String> entries = answer.stream().map(Response::toString).toList();
            Uni<Response> step = step(where, order, id, list, entries);
            return entries.isEmpty() ? step.replaceWithVoid() : step.chain(() -> finish(where, order, id));
        });
    }

    /** Where the lanes wait into which an event is still to be put. */
    static String rest(Partition where, String stem) {
        return where.key("rest", stem);
    }

    private Uni<Response> step(Partition where, String order, String id, String list, List<String> entries) {
        Call call = new Call(spread)
                .key(where.key("m"))
                .key(where.key("l"))
                .key(where.key("due"))
                .key(where.key("n"))
                .key(where.key("t"))
                .key(where.key("f"))
                .key(list)
                .key(where.key("e"))
                .key(where.key("why"))
                .key(where.lettersOfWebhooks())
                .arg(id)
                .arg(order);
        for (String entry : entries) {
            String lane = Recipient.lane(entry);
            String target = LaneId.target(lane);
            call.key(where.key("q", lane))
                    .key(where.key("w", target))
                    .key(where.ages(target))
                    .key(where.key("x", target))
                    .arg(entry)
                    .arg(lane)
                    .arg(target);
        }
        return scripts.run(call);
    }
}
