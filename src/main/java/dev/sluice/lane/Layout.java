package dev.sluice.lane;

import dev.sluice.reactive.SharedResult;
import dev.sluice.redis.Call;
import dev.sluice.redis.Moment;
import dev.sluice.redis.RedisLink;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import dev.sluice.redis.Servers;
import dev.sluice.redis.Unfit;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that all gateways of a Redis find an event's lane, its dedup entry and its sequence in the same place: how many
 * partitions there are and what each source is ordered by is recorded with the first start. And that it is a Redis that can keep
 * what is promised, and the same one as before: where a server was replaced, leases that were not known to its successor have to
 * end first.
 */
@ApplicationScoped
public class Layout {
    private static final Logger LOG = Logger.getLogger(Layout.class);
    private static final String KEY = "sluice:{layout}:layout";
    private static final String VERSION = "2";
    private static final int NEVER = -1;
    private static final Duration BELIEVED = Duration.ofSeconds(1);

    /** Before the fields that differ. */
    private static final int FIRST_DIFFERENCE = 2;

    private final Script script = Script.named("layout");
    private final Scripts scripts;
    private final Servers servers;
    private final RedisLink redis;
    private final LaneSettings settings;

    /** One check at a time, whoever waits for it. */
    private final AtomicReference<@Nullable Uni<Void>> underWay = new AtomicReference<>();

    private volatile int agreedAfterLosses = NEVER;
    private volatile Agreed agreed = new Agreed("", "", Duration.ZERO, Moment.now());

    /**
     * What was last agreed on.
     *
     * @param runIds of the servers
     * @param began when the data began
     * @param noLeases for how long from then on nothing may be leased
     * @param since when Redis had answered
     */
    private record Agreed(String runIds, String began, Duration noLeases, Moment since) {}

    Layout(Scripts scripts, Servers servers, RedisLink redis, LaneSettings settings) {
        this.scripts = scripts;
        this.servers = servers;
        this.redis = redis;
        this.settings = settings;
    }

    /**
     * Nothing is accepted or claimed before the layout was agreed on, and none over a new connection before it was again: Redis
     * may have come up after this gateway, or come back with other data.
     */
    public Uni<Void> agreed() {
        return agreedAfterLosses == redis.losses() ? Uni.createFrom().voidItem() : check().chain(this::agreed);
    }

    /**
     * Whether this gateway can do nothing but end: it was configured for other data or for another Redis. One that was fit when it
     * started may become so again.
     */
    public boolean isFatal(Throwable failure) {
        return failure instanceof LayoutMismatch
                || (failure instanceof Unfit && agreed.runIds().isEmpty());
    }

    /** For how long from now on nothing may be leased, because a lease may be held that Redis does not know of. */
    Duration noLeases() {
        Agreed last = agreed;
        Duration left = last.noLeases().minus(last.since().until(Moment.now()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Records the layout or compares with the recorded one.
     *
     * @return fails with {@link LayoutMismatch} when this gateway must not touch the data, with {@link Unfit}
     *     when this Redis must not be used
     */
    public Uni<Void> check() {
        return Uni.createFrom().deferred(() -> {
            Uni<Void> mine = SharedResult.of(ask().onTermination().invoke(() -> underWay.set(null)));
            Uni<Void> others = underWay.compareAndExchange(null, mine);
            return others == null ? mine : others;
        });
    }

    private Uni<Void> ask() {
        return Uni.createFrom()
                .deferred(() -> {
                    int losses = redis.losses();
                    scripts.keepAlive();
                    return servers.look()
                            .map(runIds -> String.join(",", new TreeSet<>(runIds)))
                            .chain(runIds -> isAsBefore(runIds, losses)
                                    ? Uni.createFrom().voidItem()
                                    : compare(runIds, losses));
                })
                .onFailure(Layout::tellsThatItWillNotDo)
                .invoke(failure -> agreedAfterLosses = NEVER);
    }

    /** Others tell nothing of a server that was agreed on: over the same connections it is still the same. */
    private static boolean tellsThatItWillNotDo(Throwable failure) {
        return failure instanceof LayoutMismatch || failure instanceof Unfit;
    }

    /** Then there is nothing to ask, but for now and then: somebody may have emptied it. */
    private boolean isAsBefore(String runIds, int losses) {
        return losses == agreedAfterLosses
                && runIds.equals(agreed.runIds())
                && agreed.since().until(Moment.now()).compareTo(BELIEVED) < 0;
    }

    private Uni<Void> compare(String runIds, int losses) {
        Agreed known = agreed;
        Call call = new Call(script)
                .key(KEY)
                .arg(runIds)
                .arg(known.runIds())
                .arg(known.began())
                .arg(settings.lease().toMillis())
                .arg("version")
                .arg(VERSION)
                .arg("partitions")
                .arg(settings.partitions());
        settings.orderings()
                .forEach((source, ordering) -> call.arg("ordering of " + source).arg(ordering));
        return scripts.run(call)
                .invoke(answer -> {
                    List<String> differences = differences(answer);
                    if (!differences.isEmpty()) {
                        throw new LayoutMismatch(differences);
                    }
                    String began = answer.get(1).toString();
                    if (!known.began().isEmpty() && !known.began().equals(began)) {
                        LOG.error(
                                "Redis has lost all its data: what was queued is gone, and repetitions are not recognised");
                    }
                    agreed = new Agreed(
                            runIds, began, Duration.ofMillis(answer.get(0).toLong()), Moment.now());
                    agreedAfterLosses = losses;
                })
                .replaceWithVoid();
    }

    private static List<String> differences(Response answer) {
        List<String> differences = new ArrayList<>();
        for (int i = FIRST_DIFFERENCE; i < answer.size(); i += 2) {
            differences.add(answer.get(i) + " was '" + answer.get(i + 1) + "'");
        }
        return differences;
    }
}
