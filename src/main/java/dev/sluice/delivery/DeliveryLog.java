package dev.sluice.delivery;

import dev.sluice.event.Event;
import dev.sluice.event.Story;
import dev.sluice.lane.Lease;
import dev.sluice.lane.Leased;
import dev.sluice.lane.QueuedEvent;
import dev.sluice.lane.Settle.Settled;
import dev.sluice.lane.Settlement;
import dev.sluice.target.Target;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Tells in log and metrics what became of each attempt. */
@ApplicationScoped
class DeliveryLog {
    private static final Logger LOG = Logger.getLogger(DeliveryLog.class);

    private static final Duration[] ATTEMPT_BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(30),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };
    private static final Duration[] AGE_BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(30),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        Duration.ofHours(6),
        Duration.ofHours(24)
    };

    private final MeterRegistry meters;

    // To look one up in the registry takes longer than to count.
    private final Map<Labels, Counter> deliveries = new ConcurrentHashMap<>();
    private final Map<Labels, Timer> attempts = new ConcurrentHashMap<>();
    private final Map<String, Timer> ages = new ConcurrentHashMap<>();

    private record Labels(String target, String outcome) {}

    DeliveryLog(MeterRegistry meters) {
        this.meters = meters;
    }

    /** An attempt was made and settled. */
    void attempted(Leased leased, Settlement settlement, Outcome outcome, Duration took, Settled settled) {
        Lease lease = leased.lease();
        String result = result(settlement);
        count(lease.target(), result);
        attempts.computeIfAbsent(new Labels(Target.label(lease.target()), answer(outcome)), this::attempts)
                .record(took);
        if (settlement instanceof Settlement.Delivered) {
            arrived(lease.target(), leased.head(), settled);
        }
        String reason = outcome instanceof Outcome.Failed failed ? failed.reason() : null;
        Long retryMillis =
                settlement instanceof Settlement.Retry retry ? retry.delay().toMillis() : null;
        tell(
                settlement instanceof Settlement.Delivered ? Level.INFO : Level.WARN,
                result,
                leased,
                took,
                reason,
                retryMillis);
        if (settled instanceof Settled.Stale) {
            tell(Level.WARN, "the lease had passed on: it may be delivered again", leased, took, reason, null);
        }
    }

    /** An attempt came to nothing that this gateway may tell: its lease had ended. */
    void lost(Leased leased, String reason) {
        count(leased.lease().target(), "lost");
        tell(Level.WARN, "lost", leased, Duration.ZERO, reason, null);
    }

    /** An event was set aside because there is nothing left of it to deliver. */
    void bodyLost(Lease lease, String event) {
        setAside(Level.ERROR, lease, event, "Redis has lost its body");
    }

    /** An event was set aside instead of being sent, as an operator wished. */
    void skipped(Lease lease, String event) {
        setAside(Level.INFO, lease, event, "an operator wished so");
    }

    private void setAside(Level level, Lease lease, String event, String reason) {
        count(lease.target(), "dead-lettered");
        Story.tell(
                LOG,
                level,
                "dead-lettered",
                "event",
                event,
                "target",
                lease.target(),
                "lane",
                lease.lane(),
                "reason",
                reason);
    }

    /** An event has taken the place of one that waited. */
    void superseded(String target) {
        meters.counter("sluice.events.superseded", "target", Target.label(target))
                .increment();
    }

    /** An event was set aside as it came, because no more may wait for the target. */
    void setAside(Event event, String id, String target) {
        meters.counter("sluice.backlog.full", "target", Target.label(target)).increment();
        Story.tell(
                LOG,
                Level.WARN,
                "dead-lettered",
                "event",
                id,
                "source",
                event.source(),
                "type",
                event.type(),
                "target",
                target,
                "reason",
                "its backlog was full");
    }

    /** The class of what the target answered, as few as a label may have: {@code 5xx}, or {@code none}. */
    private static String answer(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed.status().isPresent() ? failed.status().getAsInt() / 100 + "xx" : "none";
        }
        return outcome instanceof Outcome.Delivered ? "2xx" : "none";
    }

    private static String result(Settlement settlement) {
        if (settlement instanceof Settlement.Delivered) {
            return "delivered";
        }
        if (settlement instanceof Settlement.Retry) {
            return "failed";
        }
        return settlement instanceof Settlement.Park ? "parked" : "dead-lettered";
    }

    private void count(String target, String outcome) {
        deliveries
                .computeIfAbsent(new Labels(Target.label(target), outcome), this::deliveries)
                .increment();
    }

    private Counter deliveries(Labels labels) {
        return meters.counter("sluice.deliveries", "target", labels.target(), "outcome", labels.outcome());
    }

    private Timer attempts(Labels labels) {
        return Timer.builder("sluice.delivery")
                .description("How long attempts took")
                .tag("target", labels.target())
                .tag("answer", labels.outcome())
                .serviceLevelObjectives(ATTEMPT_BUCKETS)
                .register(meters);
    }

    private Timer ages(String target) {
        return Timer.builder("sluice.event.age")
                .description("From accepted to delivered")
                .tag("target", target)
                .serviceLevelObjectives(AGE_BUCKETS)
                .register(meters);
    }

    private void arrived(String target, QueuedEvent event, Settled settled) {
        long now = settled instanceof Settled.Next next
                ? next.now()
                : settled instanceof Settled.Empty empty
                        ? empty.now()
                        : settled instanceof Settled.Ready ready ? ready.now() : System.currentTimeMillis();
        ages.computeIfAbsent(Target.label(target), this::ages)
                .record(Duration.ofMillis(Math.max(0, now - event.acceptedAt())));
    }

    private static void tell(
            Level level,
            String step,
            Leased leased,
            Duration took,
            @Nullable String reason,
            @Nullable Long retryMillis) {
        Story.tell(
                LOG,
                level,
                step,
                "event",
                leased.head().id(),
                "source",
                leased.head().source(),
                "type",
                leased.head().type(),
                "target",
                leased.lease().target(),
                "lane",
                leased.lease().lane(),
                "attempt",
                leased.attempts() + 1,
                "reason",
                reason,
                "retryMillis",
                retryMillis,
                "seconds",
                BigDecimal.valueOf(took.toMillis(), 3));
    }
}
