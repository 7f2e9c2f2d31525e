package dev.sluice.fleet;

import dev.sluice.fleet.Pods.Presence;
import dev.sluice.redis.Moment;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Says regularly that this gateway is there, and tells the others in this process what it learnt. With more gateways each says
 * so less often: all of them together ask no more of Redis than a few do.
 */
@ApplicationScoped
public class Heartbeat {
    private static final Logger LOG = Logger.getLogger(Heartbeat.class);
    private static final Duration PERIOD = Duration.ofMillis(500);
    private static final int FEW = 8;
    private static final int PERIODS_TILL_GONE = 3;

    /** Two beats are at least so far apart, however eager somebody is to hear. */
    private static final long SHORTEST_MILLIS = 40;

    private final Pods pods;
    private final Vertx vertx;
    private final List<Consumer<Beat>> listeners = new CopyOnWriteArrayList<>();
    private volatile long heard;
    private final Context loop;
    private long nextTimer;
    private long lastNanos;
    /** From the start until the first answer as well. */
    private boolean beating = true;

    /**
     * One answer.
     *
     * @param presence who is there
     * @param asked when Redis was asked
     * @param told the version of the webhooks that this gateway said it has heard of
     * @param period how often each gateway asks, with so many as are there
     */
    public record Beat(Presence presence, Moment asked, long told, Duration period) {
        /** How long after it asked the other gateways still count this one as being there. */
        public Duration validFor() {
            return period.multipliedBy(PERIODS_TILL_GONE);
        }
    }

    Heartbeat(Pods pods, Vertx vertx) {
        this.pods = pods;
        this.vertx = vertx;
        // A duplicated context, because only there does the logging context of whoever waits for a beat stay its own.
        this.loop = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
    }

    /** Tells somebody of every beat, on one event loop. To be called before {@link #start}. */
    public void listen(Consumer<Beat> listener) {
        listeners.add(listener);
    }

    public void start() {
        loop.runOnContext(nothing -> beat());
    }

    /** This gateway has heard of the webhooks up to this version: the others are told at once. From any thread. */
    public void heard(long version) {
        if (heard != version) {
            heard = version;
            soon();
        }
    }

    /** Does not wait for the next regular beat. From any thread. */
    public void soon() {
        loop.runOnContext(nothing -> {
            if (!beating) {
                vertx.cancelTimer(nextTimer);
                long since = Duration.ofNanos(System.nanoTime() - lastNanos).toMillis();
                beatIn(Math.max(1, SHORTEST_MILLIS - since));
            }
        });
    }

    private void beat() {
        beating = true;
        lastNanos = System.nanoTime();
        Moment asked = Moment.now();
        long telling = heard;
        Uni<Presence> presence = pods.present(PERIOD, FEW, telling);
        presence.emitOn(command -> loop.runOnContext(nothing -> command.run()))
                .subscribe()
                .with(
                        found -> {
                            Duration period =
                                    Pods.period(PERIOD, FEW, found.everyone().size());
                            next(telling == heard ? period.toMillis() : SHORTEST_MILLIS);
                            listeners.forEach(listener -> listener.accept(new Beat(found, asked, telling, period)));
                        },
                        failure -> {
                            next(PERIOD.toMillis());
                            LOG.debugf("no heartbeat: %s", failure.getMessage());
                        });
    }

    private void next(long millis) {
        beating = false;
        beatIn(millis);
    }

    private void beatIn(long millis) {
        nextTimer = vertx.setTimer(millis, timer -> beat());
    }
}
