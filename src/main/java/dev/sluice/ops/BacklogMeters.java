package dev.sluice.ops;

import dev.sluice.delivery.Policies;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.Census;
import dev.sluice.lane.Census.Count;
import dev.sluice.lane.Census.Counted;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Publishes what waits for each target. One gateway does it for all, so that sums over gateways stay true. */
@ApplicationScoped
class BacklogMeters {
    private static final Logger LOG = Logger.getLogger(BacklogMeters.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final int CALLS_A_SECOND = 7;

    private final Census census;
    private final Pods pods;
    private final List<String> targets;
    private final List<String> labels;

    /** Whose lanes wait for a gateway when they are ready, and not for a rate or for a hold that only some gateways know of. */
    private final Set<String> scaling;

    private final Vertx vertx;
    private final AtomicBoolean counting = new AtomicBoolean();
    private final MultiGauge backlog;
    private final MultiGauge bytes;
    private final MultiGauge deadLetters;
    private final MultiGauge dropped;
    private final MultiGauge headAge;
    private final MultiGauge readyAge;
    private final MultiGauge lanes;
    private final MultiGauge retained;
    private final MultiGauge retainedBytes;

    BacklogMeters(Census census, Pods pods, Targets targets, Policies policies, Vertx vertx, MeterRegistry meters) {
        this.census = census;
        this.pods = pods;
        this.targets = targets.configured().stream().map(Target::name).sorted().toList();
        this.labels = Stream.concat(this.targets.stream(), Stream.of(Target.ALL_REGISTERED))
                .toList();
        this.scaling = targets.configured().stream()
                .filter(target -> policies.of(target).rateLimit().isNone())
                .map(Target::name)
                .collect(Collectors.toSet());
        this.vertx = vertx;
        this.backlog = MultiGauge.builder("sluice.backlog.events")
                .description("Events that a target has not yet taken")
                .register(meters);
        this.bytes = MultiGauge.builder("sluice.backlog.bytes")
                .description("The size of those events, as they are stored")
                .register(meters);
        this.dropped = MultiGauge.builder("sluice.dead.letters.dropped")
                .description("Events that were set aside and went for newer ones, since Redis counts")
                .register(meters);
        this.deadLetters = MultiGauge.builder("sluice.dead.letters")
                .description("Events set aside")
                .register(meters);
        this.headAge = MultiGauge.builder("sluice.lane.head.age.seconds")
                .description("Age of the oldest head that is not being delivered for the first time")
                .register(meters);
        this.readyAge = MultiGauge.builder("sluice.lane.ready.age.seconds")
                .description("For how long the lane that has been ready longest has waited for a gateway")
                .register(meters);
        this.retained = MultiGauge.builder("sluice.retained.events")
                .description("Events that are kept beyond their deliveries, to be replayed")
                .register(meters);
        this.retainedBytes = MultiGauge.builder("sluice.retained.bytes")
                .description("The size of those events, as they are stored")
                .register(meters);
        this.lanes = MultiGauge.builder("sluice.lanes")
                .description("Lanes that are not empty, by state")
                .register(meters);
    }

    void start(@Observes StartupEvent started) {
        // The more there is to count the rarer, so that an idle gateway leaves Redis alone.
        long seconds = census.calls(targets.size()) / CALLS_A_SECOND;
        vertx.setPeriodic(
                Math.max(PERIOD.toMillis(), Duration.ofSeconds(seconds).toMillis()), timer -> publish());
    }

    private void publish() {
        if (!pods.isFirst()) {
            publishNothing();
        } else if (counting.compareAndSet(false, true)) {
            census.take(targets)
                    .onTermination()
                    .invoke(() -> counting.set(false))
                    .subscribe()
                    .with(this::publish, this::failed);
        }
    }

    /** What was counted last may be long over, and an autoscaler would go on by it. */
    private void failed(Throwable failure) {
        LOG.debugf("no census: %s", failure);
        publishNothing();
    }

    private void publishNothing() {
        publishCounts(List.of());
        retained.register(List.of(), true);
        retainedBytes.register(List.of(), true);
    }

    private void publish(Counted counted) {
        publishCounts(Stream.concat(counted.targets().stream(), Stream.of(counted.webhooks()))
                .toList());
        retained.register(List.of(MultiGauge.Row.of(Tags.empty(), counted.retained())), true);
        retainedBytes.register(List.of(MultiGauge.Row.of(Tags.empty(), counted.retainedBytes())), true);
    }

    private void publishCounts(List<Count> counts) {
        gauge(backlog, counts, Count::queued);
        gauge(bytes, counts, Count::bytes);
        gauge(deadLetters, counts, Count::deadLetters);
        gauge(dropped, counts, Count::dropped);
        gauge(headAge, counts, count -> count.oldest().toMillis() / 1e3);
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        List<MultiGauge.Row<?>> ages = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            Count count = counts.get(i);
            if (scaling.contains(labels.get(i))) {
                ages.add(MultiGauge.Row.of(
                        Tags.of("target", labels.get(i)), count.longestReady().toMillis() / 1e3));
            }
            rows.add(state(i, "ready", count.ready()));
            rows.add(state(i, "leased", count.leased()));
            rows.add(state(i, "waiting", count.waiting()));
            rows.add(state(i, "parked", count.parked()));
        }
        lanes.register(rows, true);
        readyAge.register(ages, true);
    }

    private MultiGauge.Row<?> state(int target, String state, long count) {
        return MultiGauge.Row.of(Tags.of("target", labels.get(target), "state", state), count);
    }

    private void gauge(MultiGauge gauge, List<Count> counts, ToDoubleFunction<Count> figure) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            rows.add(MultiGauge.Row.of(Tags.of("target", labels.get(i)), figure.applyAsDouble(counts.get(i))));
        }
        gauge.register(rows, true);
    }
}
