package dev.sluice.delivery;

import dev.sluice.fleet.Heartbeat;
import dev.sluice.fleet.Heartbeat.Beat;
import dev.sluice.fleet.Pauses;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Due;
import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Layout;
import dev.sluice.lane.Spread;
import dev.sluice.lane.Spread.Unfinished;
import dev.sluice.target.Registry;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import dev.sluice.target.WebhookChanges;
import io.quarkus.runtime.Quarkus;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Finds the lanes that nobody remembers: those that a gateway left behind, and those whose time came while none looked. The
 * gateways share the partitions out among themselves; a partition is looked at once a period, and when its next lane is due.
 * Only speed hangs on who looks where.
 */
@ApplicationScoped
class Sweep {
    private static final Logger LOG = Logger.getLogger(Sweep.class);
    /** After a gateway has gone, what it handed back goes on within a second: a heartbeat and this. */
    private static final Duration SPREAD = Duration.ofMillis(250);

    private static final Duration FIRST_CHECKS = Duration.ofMillis(800);

    private static final Duration TICK = Duration.ofMillis(100);

    /** Each partition is looked at so often, or less: all of them together cost Redis no more than this many calls a second. */
    private static final Duration PERIOD = Duration.ofSeconds(4);

    private static final int LOOKS_A_SECOND = 16;

    private final Due due;
    private final Spread spread;
    private final Pods pods;
    private final Layout layout;
    private final Targets targets;
    private final Registry registry;
    private final Pauses pauses;
    private final WebhookChanges changes;
    private final Outlets outlets;
    private final Heartbeat heartbeat;
    private final Context loop;
    private final long[] nextLook;
    private final Duration period;
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    /** Why Redis could not be used since it last could: while it is away the reasons take turns. */
    private final Set<String> unusable = new HashSet<>();

    private List<String> everyone = List.of();
    private List<String> present = List.of();
    private Duration checkEvery = FIRST_CHECKS;
    private long nextCheck = System.nanoTime();
    private boolean checking;
    private Cancellable check = () -> {};
    private long ticks;

    Sweep(
            Due due,
            Spread spread,
            Pods pods,
            Layout layout,
            Targets targets,
            Registry registry,
            Pauses pauses,
            WebhookChanges changes,
            Outlets outlets,
            Heartbeat heartbeat,
            LaneSettings settings,
            Vertx vertx) {
        this.due = due;
        this.spread = spread;
        this.pods = pods;
        this.layout = layout;
        this.targets = targets;
        this.registry = registry;
        this.pauses = pauses;
        this.changes = changes;
        this.outlets = outlets;
        this.heartbeat = heartbeat;
        this.loop = vertx.getOrCreateContext();
        this.nextLook = new long[settings.partitions()];
        Duration leisurely = Duration.ofSeconds(settings.partitions() / LOOKS_A_SECOND);
        this.period = leisurely.compareTo(PERIOD) > 0 ? leisurely : PERIOD;
    }

    /** Runs on one event loop from here on. */
    void start() {
        heartbeat.listen(beat -> loop.runOnContext(nothing -> beat(beat)));
        // Events of a target that is enabled again wait where nobody looks before long.
        registry.listen(target -> loop.runOnContext(nothing -> spreadOut()));
        pauses.listen(target -> loop.runOnContext(nothing -> spreadOut()));
        loop.runOnContext(nothing -> ticks = loop.owner().setPeriodic(TICK.toMillis(), timer -> look()));
    }

    /** Else it would go on while all that it needs is taken down around it. */
    void stop() {
        loop.runOnContext(nothing -> {
            loop.owner().cancelTimer(ticks);
            check.cancel();
        });
    }

    private void beat(Beat beat) {
        // One that is stopping leaves lanes to others until it is gone.
        boolean somebodyStops = everyone.size() > present.size();
        if (somebodyStops || !beat.presence().everyone().equals(everyone)) {
            everyone = beat.presence().everyone();
            present = beat.presence().ids();
            spreadOut();
        }
        checkEvery = beat.period();
    }

    /** As often as the heart beats, and before it does: Redis may have come back with other data, or be another one. */
    private void check() {
        checking = true;
        check = layout.check()
                .emitOn(command -> loop.runOnContext(nothing -> command.run()))
                .onTermination()
                .invoke(() -> {
                    checking = false;
                    nextCheck = System.nanoTime() + checkEvery.toNanos();
                })
                .subscribe()
                .with(agreed -> usable(), this::disagreed);
    }

    private void disagreed(Throwable failure) {
        if (layout.isFatal(failure)) {
            LOG.fatal(failure.getMessage());
            Quarkus.asyncExit(1);
        } else {
            unusable(String.valueOf(failure.getMessage()));
        }
    }

    private void usable() {
        if (!unusable.isEmpty()) {
            LOG.info("Redis can be used again");
            unusable.clear();
        }
    }

    private void unusable(String reason) {
        if (unusable.add(reason)) {
            LOG.warn(reason);
        }
    }

    /** Others came or went: looks at everything that is now this gateway's, one partition after the other. */
    private void spreadOut() {
        long now = System.nanoTime();
        long step = SPREAD.toNanos() / nextLook.length;
        for (int partition = 0; partition < nextLook.length; partition++) {
            nextLook[partition] = now + partition * step;
        }
    }

    private void look() {
        int mine = present.indexOf(pods.self());
        long now = System.nanoTime();
        if (!checking && nextCheck - now <= 0) {
            check();
        }
        for (int partition = 0; mine >= 0 && partition < nextLook.length; partition++) {
            if (partition % present.size() == mine && nextLook[partition] - now <= 0) {
                nextLook[partition] = now + period.toNanos();
                look(partition);
            }
        }
    }

    private void look(int partition) {
        due.due(partition)
                .emitOn(command -> loop.runOnContext(nothing -> command.run()))
                .subscribe()
                .with(
                        found -> {
                            found.now().forEach(target -> ready(target, partition));
                            found.next().ifPresent(next -> lookIn(partition, next));
                            found.unfinished().forEach(this::finish);
                        },
                        failure -> LOG.debugf("sweep of partition %d failed: %s", partition, failure.getMessage()));
    }

    /** A gateway left it undone, or is at it: going on with it harms nothing. */
    private void finish(Unfinished unfinished) {
        spread.finish(unfinished)
                .subscribe()
                .with(
                        done -> loop.runOnContext(nothing -> lookIn(unfinished.partition(), Duration.ZERO)),
                        failure -> LOG.debugf("%s is spread later: %s", unfinished.id(), failure.getMessage()));
    }

    private void lookIn(int partition, Duration delay) {
        long at = System.nanoTime() + delay.toNanos();
        if (at - nextLook[partition] < 0) {
            nextLook[partition] = at;
        }
    }

    private void ready(String name, int partition) {
        Target target = targets.named(name);
        if (target != null) {
            outlets.of(target).ready(partition);
        } else if (Target.isRegistered(name)) {
            changes.removeRest(name);
        } else if (unknown.add(name)) {
            LOG.warnf("events wait for target '%s', which is not configured here", name);
        }
    }
}
