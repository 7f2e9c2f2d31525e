package dev.sluice.webhook;

import dev.sluice.fleet.Heartbeat;
import dev.sluice.fleet.Heartbeat.Beat;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Drop;
import dev.sluice.target.WebhookStore;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Clears away what is left in the lanes of webhooks that were unsubscribed. The gateway that took one away begins at once; what
 * it leaves undone the first of the gateways that are there goes on with, for as long as a heartbeat tells that there is some.
 */
@ApplicationScoped
class Clearing {
    private static final Logger LOG = Logger.getLogger(Clearing.class);

    private final WebhookStore store;
    private final Drop drop;
    private final Pods pods;
    private final Heartbeat heartbeat;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile long heardByAll;

    Clearing(WebhookStore store, Drop drop, Pods pods, Heartbeat heartbeat) {
        this.store = store;
        this.drop = drop;
        this.pods = pods;
        this.heartbeat = heartbeat;
    }

    /** Before the heart begins to beat. */
    void follow(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent started) {
        heartbeat.listen(this::beat);
    }

    private void beat(Beat beat) {
        heardByAll = beat.presence().heard();
        if (beat.presence().removed() > 0 && pods.isFirst()) {
            begin();
        }
    }

    /** Begins, unless it is at it. */
    void begin() {
        if (running.compareAndSet(false, true)) {
            store.removed()
                    .onItem()
                    .transformToMulti(Multi.createFrom()::iterable)
                    // As long as a gateway has not heard of it, it may still put something there.
                    .filter(removed -> removed.version() <= heardByAll)
                    .onItem()
                    .transformToUniAndConcatenate(removed -> clear(removed.id()))
                    .onTermination()
                    .invoke(() -> running.set(false))
                    .subscribe()
                    .with(cleared -> {}, failure -> LOG.warnf("clearing away goes on later: %s", failure.getMessage()));
        }
    }

    private Uni<Void> clear(String id) {
        return drop.drop(id).chain(() -> store.forget(id));
    }
}
