package dev.sluice.delivery;

import dev.sluice.event.Event;
import dev.sluice.event.Findings;
import dev.sluice.lane.Accept;
import dev.sluice.lane.Acceptance;
import dev.sluice.lane.Acceptance.Freshness;
import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Leased;
import dev.sluice.lane.Recipient;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.reactive.SharedResult;
import dev.sluice.target.Registry;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import dev.sluice.target.WebhookSettings;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts an event into the lane of every target that wants it, and starts at once to deliver the lanes that were idle, as far as
 * this gateway has room: the body is still in memory, and no claim is needed.
 */
@ApplicationScoped
public class Intake {
    private final Targets targets;
    private final Registry registry;
    private final WebhookSettings webhooks;
    private final Accept accept;
    private final Outlets outlets;
    private final LaneSettings settings;
    private final DeliveryLog log;

    /**
     * What became of the event.
     *
     * @param acceptance under which id and sequence it is known
     * @param targets how many targets want it
     */
    public record Taken(Acceptance acceptance, int targets) {

        /** Whether a newer one of its ordering key and type was accepted before. */
        public boolean isStale() {
            return acceptance instanceof Acceptance.Accepted accepted && accepted.freshness() != Freshness.FRESH;
        }

        /** What is to be noted about it, for metrics and log: {@code no-target} and the like; empty when there is nothing. */
        public String note() {
            if (!(acceptance instanceof Acceptance.Accepted accepted)) {
                return "";
            }
            return switch (accepted.freshness()) {
                case DROPPED -> "stale-dropped";
                case STALE -> targets == 0 ? "no-target" : "stale";
                case FRESH -> targets == 0 ? "no-target" : "";
            };
        }
    }

    Intake(
            Targets targets,
            Registry registry,
            WebhookSettings webhooks,
            Accept accept,
            Outlets outlets,
            LaneSettings settings,
            DeliveryLog log) {
        this.targets = targets;
        this.registry = registry;
        this.webhooks = webhooks;
        this.accept = accept;
        this.outlets = outlets;
        this.settings = settings;
        this.log = log;
    }

    /** JSON Pointers to all that decides, in the bodies of a source, who wants an event: to be looked at when it is read. */
    public Set<String> lookedAt(String source) {
        return targets.lookedAt(source);
    }

    /** Takes an event in.
     *
     * @param findings what was found in its body
     * @param window for how long a repetition of the event is recognised
     * @return fails with {@link dev.sluice.redis.StoreUnavailable}: the event may or may not have been accepted
     */
    public Uni<Taken> take(Event event, Findings findings, Duration window) {
        // Known webhooks must all be known, and none that is no more.
        return webhooks.wants(event.source())
                ? registry.current().chain(() -> takeNow(event, findings, window))
                : Uni.createFrom().deferred(() -> takeNow(event, findings, window));
    }

    private Uni<Taken> takeNow(Event event, Findings findings, Duration window) {
        List<Target> wanting = inSteps(targets.wanting(event.source(), event.type(), findings));
        Places places = new Places(event.content().body().length);
        List<Backlog> backlogs =
                wanting.stream().map(target -> outlets.of(target).backlog()).toList();
        int first = Math.min(backlogs.size(), Accept.LANES_A_STEP);
        // Continues when its sender has left: lanes may have been leased to this gateway.
        return SharedResult.of(places.take(backlogs.subList(0, first))
                .invoke(() -> places.takeUncounted(backlogs.subList(first, backlogs.size())))
                .chain(() -> offer(event, window, wanting, places))
                .onTermination()
                .invoke(places::giveUp));
    }

    private Uni<Taken> offer(Event event, Duration window, List<Target> wanting, Places places) {
        List<Target> first = wanting.subList(0, Math.min(wanting.size(), Accept.LANES_A_STEP));
        Map<String, Outlet> reserved = new HashMap<>();
        List<Recipient> recipients = new ArrayList<>(wanting.size());
        for (Target target : wanting) {
            Outlet outlet = outlets.of(target);
            boolean setAside = places.isFull(target.name());
            boolean room = !setAside && recipients.size() < first.size() && outlet.reserve();
            if (room) {
                reserved.put(target.name(), outlet);
            }
            recipients.add(new Recipient(
                    target.name(),
                    joining(target, outlet),
                    room,
                    outlet.holding().remaining(),
                    setAside ? Optional.of(outlet.backlog().bury(event.content().body().length)) : Optional.empty()));
        }
        // Deferred, so that a slot comes back whatever goes wrong.
        return Uni.createFrom()
                .deferred(() -> accept.accept(event, window, recipients))
                .invoke(acceptance -> begin(event, acceptance, reserved))
                .onFailure()
                // It may have been accepted all the same, with its lanes leased to this gateway, which knows no tokens.
                .invoke(failure ->
                        first.forEach(target -> outlets.of(target).readyIn(accept.partition(event), settings.lease())))
                .onTermination()
                .invoke(() -> reserved.values().forEach(Outlet::unreserve))
                .map(acceptance -> new Taken(acceptance, isDropped(acceptance) ? 0 : wanting.size()));
    }

    private static boolean isDropped(Acceptance acceptance) {
        return acceptance instanceof Acceptance.Accepted accepted && accepted.freshness() == Freshness.DROPPED;
    }

    /** Where they are too many for one step, those for which older events are looked for are in the first. */
    private List<Target> inSteps(List<Target> wanting) {
        return wanting.size() <= Accept.LANES_A_STEP
                ? wanting
                : wanting.stream()
                        .sorted(Comparator.comparing(target -> joining(target, outlets.of(target)) != Joining.LATEST))
                        .toList();
    }

    private static Joining joining(Target target, Outlet outlet) {
        if (!target.ordered()) {
            return Joining.ALONE;
        }
        return outlet.policy().bounds().latest() ? Joining.LATEST : Joining.IN_ORDER;
    }

    private void begin(Event event, Acceptance acceptance, Map<String, Outlet> reserved) {
        if (acceptance instanceof Acceptance.Accepted accepted) {
            accepted.superseding().forEach(log::superseded);
            accepted.setAside().forEach(target -> log.setAside(event, accepted.id(), target));
            for (Leased leased : accepted.leased()) {
                Outlet outlet = reserved.remove(leased.lease().target());
                if (outlet != null) {
                    outlet.deliver(leased);
                }
            }
            for (String name : accepted.ready()) {
                Target target = targets.named(name);
                if (target != null) {
                    outlets.of(target).ready(accepted.partition());
                }
            }
        }
    }
}
