package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.RedisLink;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes sure that all gateways of a Redis find an event's lane, its dedup entry and its sequence in the same place: how many
 * partitions there are and what each source is ordered by is recorded with the first start.
 */
@ApplicationScoped
public class Layout {
    private static final String KEY = "sluice:{layout}:layout";
    private static final String VERSION = "1";
    private static final int NEVER = -1;

    private final Script script = Script.named("layout");
    private final Scripts scripts;
    private final RedisLink redis;
    private final LaneSettings settings;
    private volatile int agreedAfterLosses = NEVER;

    Layout(Scripts scripts, RedisLink redis, LaneSettings settings) {
        this.scripts = scripts;
        this.redis = redis;
        this.settings = settings;
    }

    /**
     * Nothing is accepted or claimed before the layout was agreed on, and none over a new connection before it was again: Redis
     * may have come up after this gateway, or come back with other data.
     */
    public Uni<Void> agreed() {
        return agreedAfterLosses == redis.losses() ? Uni.createFrom().voidItem() : check();
    }

    /**
     * Records the layout or compares with the recorded one.
     *
     * @return fails with {@link LayoutMismatch} when this gateway must not touch the data
     */
    public Uni<Void> check() {
        Call call = new Call(script)
                .key(KEY)
                .arg("version")
                .arg(VERSION)
                .arg("partitions")
                .arg(settings.partitions());
        settings.orderings()
                .forEach((source, ordering) -> call.arg("ordering of " + source).arg(ordering));
        int losses = redis.losses();
        return scripts.run(call).chain(answer -> {
            List<String> differences = differences(answer);
            agreedAfterLosses = differences.isEmpty() ? losses : NEVER;
            return differences.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : Uni.createFrom().failure(new LayoutMismatch(differences));
        });
    }

    private static List<String> differences(Response answer) {
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < answer.size(); i += 2) {
            differences.add(answer.get(i) + " was '" + answer.get(i + 1) + "'");
        }
        return differences;
    }
}
