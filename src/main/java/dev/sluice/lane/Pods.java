package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Which gateways share this Redis. Only for dividing up work: correctness rests on leases alone. */
@ApplicationScoped
public class Pods {
    private static final String KEY = "sluice:{pods}:pods";

    private final Script script = Script.named("heartbeat");
    private final Scripts scripts;
    private final String self = UUID.randomUUID().toString();
    private volatile boolean first;

    Pods(Scripts scripts) {
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

    /**
     * Says that this gateway is there. One that has not said so for three periods counts as gone.
     *
     * @param period how often gateways say so, while there are few
     * @param few how many are few; see {@link #period}
     * @return the ids of all that are there, sorted
     */
    public Uni<List<String>> present(Duration period, int few) {
        return beat(period.toMillis(), few)
                .map(answer -> answer.stream().map(Response::toString).sorted().toList())
                .invoke(present -> first = present.indexOf(self) == 0);
    }

    /** Says that this gateway is going, so that others take over what it looked after at once. */
    public Uni<Void> leave() {
        return beat(0, 1).replaceWithVoid();
    }

    /** How often each gateway is to say that it is there, so that many together say it no more often than few do. */
    public static Duration period(Duration period, int few, int present) {
        return period.multipliedBy(Math.max(1, (present + few - 1) / few));
    }

    private Uni<Response> beat(long period, int few) {
        return scripts.run(new Call(script).key(KEY).arg(self).arg(period).arg(few));
    }
}
