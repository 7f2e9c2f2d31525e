package dev.sluice.ingress;

import dev.sluice.delivery.Intake.Taken;
import dev.sluice.event.Event;
import dev.sluice.event.Reading.Unreadable;
import dev.sluice.event.Story;
import dev.sluice.ingress.Body.Refusal;
import dev.sluice.lane.Acceptance;
import dev.sluice.problem.Problem;
import dev.sluice.signature.Verifier.Verdict;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/** What a sender is answered, and what of it goes into log and metrics: one line and one count a request. */
@ApplicationScoped
class Answers {
    private static final Logger LOG = Logger.getLogger(Answers.class);
    private static final String NO_REASON = "";
    private static final String REJECTED = "rejected";
    private static final String TOO_LARGE = "too-large";
    private static final String BUSY = "busy";
    private static final String LATE = "late";
    private static final String STORE_UNAVAILABLE = "store-unavailable";

    /** Stands for a source that is none: whoever made its name up would fill log and metrics with it. */
    private static final String UNKNOWN = "unknown";

    private final Sources sources;
    private final MeterRegistry meters;
    private final Timer accepts;
    private final Map<Labels, Counter> counters = new ConcurrentHashMap<>();

    private record Labels(String source, String result, String reason) {}

    Answers(Sources sources, MeterRegistry meters) {
        this.sources = sources;
        this.meters = meters;
        this.accepts = Timer.builder("sluice.accept")
                .description("From a verified request to its answer")
                .publishPercentileHistogram()
                .register(meters);
        // From the start, or whoever looks at how they rise would miss the first.
        sources.byName().keySet().forEach(source -> {
            counter(source, REJECTED, STORE_UNAVAILABLE);
            counter(source, REJECTED, BUSY);
            Stream.of(Verdict.values())
                    .filter(verdict -> verdict != Verdict.GENUINE)
                    .forEach(verdict -> counter(source, REJECTED, reason(verdict)));
        });
    }

    Reply taken(Event event, Taken taken) {
        Acceptance acceptance = taken.acceptance();
        if (acceptance instanceof Acceptance.Duplicate) {
            return ok(event, acceptance, "duplicate", NO_REASON, null, null);
        }
        return ok(event, acceptance, "accepted", taken.note(), taken.targets(), taken.isStale() ? true : null);
    }

    Reply unreadable(Unreadable unreadable, Acceptance acceptance) {
        Event event = unreadable.event();
        if (acceptance instanceof Acceptance.Duplicate) {
            return ok(event, acceptance, "duplicate", NO_REASON, null, null);
        }
        count(event.source(), "unreadable", NO_REASON);
        Story.tell(
                LOG,
                Level.WARN,
                "unreadable",
                "event",
                acceptance.id(),
                "source",
                event.source(),
                "reason",
                unreadable.reason());
        return new Reply.Taken(new Answer(acceptance.id(), "unreadable", null, null, null));
    }

    Reply rejected(Source source, String reason) {
        refused(source.name(), "unreadable", reason);
        return new Reply.Refused(Problem.of(400, "unreadable", "The event cannot be read: " + reason));
    }

    Reply forged(Source source, Verdict verdict) {
        String reason = reason(verdict);
        refused(source.name(), reason, reason);
        // What was wrong with it is for the log: the sender of a forgery learns nothing.
        return new Reply.Refused(Problem.of(401, "signature", "The signature does not fit"));
    }

    /** An event is not read to its end, and not known to be anyone's. */
    Reply unread(String name, Refusal why) {
        String source = sources.named(name) == null ? UNKNOWN : name;
        return switch (why) {
            case TOO_LARGE -> {
                refused(source, TOO_LARGE, TOO_LARGE);
                yield new Reply.Unread(Problem.tooLarge());
            }
            case NO_ROOM -> {
                refused(source, BUSY, "too many bytes are under way");
                yield new Reply.Refused(Problem.busy());
            }
            case LATE -> {
                refused(source, LATE, LATE);
                yield new Reply.Unread(Problem.of(408, LATE, "The body did not arrive in time"));
            }
        };
    }

    Reply unknownSource() {
        refused(UNKNOWN, "unknown-source", "unknown-source");
        return new Reply.Refused(Problem.of(404, "unknown-source", "There is no such source"));
    }

    Reply storeUnavailable(Source source, Throwable failure) {
        refused(source.name(), STORE_UNAVAILABLE, String.valueOf(failure.getMessage()));
        return new Reply.Refused(Problem.busy());
    }

    void took(long begun) {
        accepts.record(Duration.ofNanos(System.nanoTime() - begun));
    }

    private Reply ok(
            Event event,
            Acceptance acceptance,
            String status,
            String reason,
            @Nullable Integer targets,
            @Nullable Boolean stale) {
        count(event.source(), status, reason);
        Story.tell(
                LOG,
                Level.INFO,
                status,
                "event",
                acceptance.id(),
                "source",
                event.source(),
                "type",
                event.type(),
                "sequence",
                acceptance.sequence(),
                "targets",
                targets,
                "reason",
                reason.isEmpty() ? null : reason);
        return new Reply.Taken(new Answer(acceptance.id(), status, acceptance.sequence(), targets, stale));
    }

    private void refused(String source, String reason, String detail) {
        count(source, REJECTED, reason);
        Story.tell(LOG, Level.WARN, "rejected", "source", source, "reason", detail);
    }

    private void count(String source, String result, String reason) {
        counter(source, result, reason).increment();
    }

    private Counter counter(String source, String result, String reason) {
        // To look one up in the registry takes longer than to count.
        return counters.computeIfAbsent(
                new Labels(source, result, reason),
                labels -> meters.counter("sluice.events", "source", source, "result", result, "reason", reason));
    }

    private static String reason(Verdict verdict) {
        return "signature-" + verdict.name().toLowerCase(Locale.ROOT);
    }
}
