package dev.sluice.fleet;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Which gateways share this Redis. */
@ApplicationScoped
public class Pods {
    private static final int FIRST_ID = 6;

    /** Before the id of one that is stopping. It sorts behind all others. */
    private static final String RETIRING = "~";

    private final Script script = Script.named("heartbeat");
    private final Scripts scripts;
    private final String self = UUID.randomUUID().toString();
    private volatile boolean retiring;
    private volatile boolean first;
    private volatile int present = 1;

    /**
     * What a heartbeat learns.
     *
     * @param ids the gateways that are there and look after something, sorted
     * @param everyone these and those that are stopping
     * @param version up to which the registered webhooks have changed
     * @param heard the version that every one of these gateways has heard of
     * @param removed how many unsubscribed webhooks are not cleared away yet
     * @param webhooks how many webhooks there are
     * @param paused the targets that are paused, and why
     * @param jobs how many jobs are not over
     */
    public record Presence(
            List<String> ids,
            List<String> everyone,
            long version,
            long heard,
            long removed,
            long webhooks,
            Map<String, String> paused,
            long jobs) {}

    public Pods(Scripts scripts) {
        this.scripts = scripts;
    }

    /** This gateway's id, new with every start. */
    public String self() {
        return self;
    }

    /** Whether this gateway does what one has to do for all. For an instant two may, or none. */
    public boolean isFirst() {
        return first;
    }

    /** How many gateways there are, as far as is known; at least one. */
    public int present() {
        return present;
    }

    /**
     * Says that this gateway is there. One that has not said so for three periods counts as gone.
     *
     * @param period how often gateways say so, while there are few
     * @param few how many are few; see {@link #period}
     * @param heard the version of the webhooks that this gateway has heard of
     */
    public Uni<Presence> present(Duration period, int few, long heard) {
        return beat(period.toMillis(), few, heard).map(Pods::presence).invoke(presence -> {
            first = presence.ids().indexOf(self) == 0;
            present = Math.max(1, presence.ids().size());
        });
    }

    /** From now on this gateway says that it is stopping: others look after what it looked after. */
    public void retire() {
        retiring = true;
    }

    /** Says that this gateway is gone, so that others look at once at what it handed back. */
    public Uni<Void> leave() {
        return beat(0, 1, 0).replaceWithVoid();
    }

    /** How often each gateway is to say that it is there, so that many together say it no more often than few do. */
    public static Duration period(Duration period, int few, int present) {
        return period.multipliedBy(Math.max(1, (present + few - 1) / few));
    }

    private Uni<Response> beat(long period, int few, long heard) {
        return scripts.run(new Call(script)
                .key("sluice:{fleet}:pods")
                .key("sluice:{fleet}:heard")
                .key("sluice:{fleet}:version")
                .key("sluice:{fleet}:removed")
                .key("sluice:{fleet}:webhooks")
                .key("sluice:{fleet}:paused")
                .key(Jobs.OPEN)
                .arg(retiring ? RETIRING + self : self)
                .arg(period)
                .arg(few)
                .arg(heard)
                .arg(retiring ? self : ""));
    }

    private static Presence presence(Response answer) {
        List<String> everyone =
                answer.stream().skip(FIRST_ID).map(Response::toString).sorted().toList();
        return new Presence(
                everyone.stream().filter(id -> !id.startsWith(RETIRING)).toList(),
                everyone,
                answer.get(0).toLong(),
                answer.get(1).toLong(),
                answer.get(2).toLong(),
                answer.get(3).toLong(),
                Pauses.read(answer.get(4)),
                answer.get(5).toLong());
    }
}
