package dev.sluice.ingress;

import dev.sluice.delivery.Intake;
import dev.sluice.event.Content;
import dev.sluice.event.Event;
import dev.sluice.event.Reading;
import dev.sluice.lane.Accept;
import dev.sluice.lane.LayoutMismatch;
import dev.sluice.redis.StoreUnavailable;
import dev.sluice.signature.Verifier.Verdict;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * The walk of an event on its way in: verify, read, accept, answer. Nothing is parsed and nothing in Redis is touched before
 * the signature holds; nothing that happens downstream ever shows in the answer.
 */
@ApplicationScoped
class Ingress {
    private final Sources sources;
    private final Intake intake;
    private final Accept accept;
    private final Answers answers;

    Ingress(Sources sources, Intake intake, Accept accept, Answers answers) {
        this.sources = sources;
        this.intake = intake;
        this.accept = accept;
        this.answers = answers;
    }

    /** Takes one request; fails never: every fault is an answer. */
    Uni<Reply> receive(String name, MultiMap headers, byte[] body) {
        long begun = System.nanoTime();
        Source source = sources.named(name);
        if (source == null) {
            return Uni.createFrom().item(answers.unknownSource());
        }
        Verdict verdict = verify(source, headers, body);
        if (verdict != Verdict.GENUINE) {
            return Uni.createFrom().item(answers.forged(source, verdict));
        }
        return read(source, headers, body)
                .invoke(() -> answers.took(begun))
                // Also when Redis holds other data than this gateway was made for, which then ends by itself.
                .onFailure(failure -> failure instanceof StoreUnavailable || failure instanceof LayoutMismatch)
                .recoverWithItem(failure -> answers.storeUnavailable(source, failure));
    }

    private static Verdict verify(Source source, MultiMap headers, byte[] body) {
        return source.verifier()
                .verify(headers.getAll(source.verifier().scheme().header()), body);
    }

    private Uni<Reply> read(Source source, MultiMap headers, byte[] body) {
        Reading reading = source.reader().read(headers::get, body, intake.lookedAt(source.name()));
        if (reading instanceof Reading.Understood understood) {
            Event event = traced(understood.event());
            return intake.take(event, understood.findings(), source.dedupWindow())
                    .map(taken -> answers.taken(event, taken));
        }
        Reading.Unreadable unreadable = (Reading.Unreadable) reading;
        return switch (source.onUnreadable()) {
            case REJECT -> Uni.createFrom().item(answers.rejected(source, unreadable.reason()));
            case DEAD_LETTER ->
                accept.bury(unreadable.event(), source.dedupWindow(), unreadable.reason())
                        .map(acceptance -> answers.unreadable(unreadable, acceptance));
        };
    }

    /** While OpenTelemetry is on, the target's span hangs under that of this request, not beside it. */
    private static Event traced(Event event) {
        SpanContext span = Span.current().getSpanContext();
        if (!span.isValid()) {
            return event;
        }
        Content content = event.content();
        String traceparent = "00-" + span.getTraceId() + "-" + span.getSpanId() + "-"
                + span.getTraceFlags().asHex();
        return event.with(new Content(content.contentType(), traceparent, content.body()));
    }
}
