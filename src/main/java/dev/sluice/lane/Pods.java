package dev.sluice.lane;

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
     * Says that this gateway is there.
     *
     * @param silence after which one that says nothing counts as gone
     * @return the ids of all that are there, sorted
     */
    public Uni<List<String>> present(Duration silence) {
        return beat(silence.toMillis())
                .map(answer -> answer.stream().map(Response::toString).sorted().toList())
                .invoke(present -> first = present.indexOf(self) == 0);
    }

    /** Says that this gateway is going, so that others take over what it looked after at once. */
    public Uni<Void> leave() {
        return beat(0).replaceWithVoid();
    }

    private Uni<Response> beat(long silence) {
        return scripts.run(new Call(script).key(KEY).arg(self).arg(silence));
    }
}
