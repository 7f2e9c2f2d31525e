package dev.sluice.delivery;

import dev.sluice.fleet.Pauses;
import dev.sluice.target.Registry;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** One outlet for each target that has something to deliver, made when first used and dropped when idle. */
@Startup
@ApplicationScoped
class Outlets {
    private static final Duration TIDY_UP = Duration.ofMinutes(1);

    private final Map<String, Outlet> byTarget = new ConcurrentHashMap<>();
    private final Targets targets;
    private final Registry registry;
    private final Policies policies;
    private final LaneCalls lanes;
    private final LaneRuns runs;
    private final SharedSlots shared;
    private final Tracing tracing;
    private final TargetClients clients;
    private final AccessTokens tokens;
    private final Pauses pauses;
    private final Vertx vertx;
    private volatile Phase phase = Phase.RUNNING;

    Outlets(
            Targets targets,
            Registry registry,
            Policies policies,
            LaneCalls lanes,
            LaneRuns runs,
            SharedSlots shared,
            Tracing tracing,
            TargetClients clients,
            AccessTokens tokens,
            Pauses pauses,
            Vertx vertx,
            MeterRegistry meters) {
        this.targets = targets;
        this.registry = registry;
        this.policies = policies;
        this.lanes = lanes;
        this.runs = runs;
        this.shared = shared;
        this.tracing = tracing;
        this.clients = clients;
        this.tokens = tokens;
        this.pauses = pauses;
        this.vertx = vertx;
        registry.listen(this::enabled);
        pauses.listen(name -> Optional.ofNullable(targets.named(name)).ifPresent(this::enabled));
        Stream.concat(targets.configured().stream().map(Target::name), Stream.of(Target.ALL_REGISTERED))
                .forEach(label -> Gauge.builder("sluice.circuit.state", () -> severity(circuit(label)))
                        .description("The circuit as this gateway sees it: 0 closed, 1 half open, 2 open; of registered"
                                + " webhooks the worst")
                        .tag("target", label)
                        .register(meters));
        targets.configured()
                .forEach(target -> Gauge.builder("sluice.delivery.room", () -> room(target))
                        .description(
                                "How many lanes this gateway would deliver at once now: none while the target is held, few"
                                        + " after that")
                        .tag("target", target.name())
                        .register(meters));
        targets.configured()
                .forEach(target -> Gauge.builder(
                                "sluice.target.paused",
                                () -> pauses.of(target.name()).isPresent() ? 1 : 0)
                        .description("Whether nothing is sent to the target until it is resumed: 1 or 0")
                        .tag("target", target.name())
                        .register(meters));
        vertx.setPeriodic(
                TIDY_UP.toMillis(), timer -> byTarget.values().removeIf(outlet -> outlet.isIdle() || outlet.isOver()));
    }

    Outlet of(Target target) {
        return byTarget.computeIfAbsent(target.name(), name -> open(target));
    }

    /** From now on nothing is claimed. */
    void drain() {
        phase = Phase.DRAINING;
    }

    /** From now on no further attempt begins. */
    void stop() {
        phase = Phase.STOPPING;
    }

    /** Whether nothing is claimed, under way or about to be. */
    boolean areAtRest() {
        return byTarget.values().stream().allMatch(Outlet::isAtRest);
    }

    private int room(Target target) {
        Outlet outlet = byTarget.get(target.name());
        if (outlet != null) {
            return outlet.room(0);
        }
        return pauses.of(target.name()).isPresent() ? 0 : policies.of(target).concurrency();
    }

    /** As this gateway sees it: of a target, which may be a registered webhook, or the worst of all of those. */
    CircuitBreakerState circuit(String label) {
        Stream<Outlet> labelled = label.equals(Target.ALL_REGISTERED)
                ? byTarget.entrySet().stream()
                        .filter(entry -> Target.isRegistered(entry.getKey()))
                        .map(Map.Entry::getValue)
                : Stream.ofNullable(byTarget.get(label));
        return labelled.map(outlet -> outlet.endpoint().circuit())
                .max(Comparator.comparingInt(Outlets::severity))
                .orElse(CircuitBreakerState.CLOSED);
    }

    private static int severity(CircuitBreakerState circuit) {
        return switch (circuit) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }

    private void enabled(Target target) {
        of(target).enabled();
    }

    private Outlet open(Target target) {
        Policy policy = policies.of(target);
        Endpoint endpoint = new Endpoint(target, targets, registry, policy, clients, tokens, pauses, tracing);
        // A duplicated context, because only there does the logging context of a callback stay its own.
        Context loop = VertxContext.createNewDuplicatedContext(((VertxInternal) vertx).createEventLoopContext());
        SharedSlots slots = Target.isRegistered(target.name()) ? shared : null;
        return new Outlet(target.name(), policy, endpoint, lanes, runs, slots, () -> phase, loop);
    }
}
