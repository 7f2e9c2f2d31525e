package dev.sluice.delivery;

import dev.sluice.lane.QueuedEvent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Goes on with the trace under which an event came in. While OpenTelemetry is off no spans are made and the
 * sender's trace context is handed through unchanged.
 */
@ApplicationScoped
class Tracing {
    private static final String TRACEPARENT = "traceparent";

    private final Tracer tracer;

    Tracing(Tracer tracer, @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off) {
        // A disabled SDK still makes spans, which nobody exports: the sender's trace would end at an id that nobody
        // knows.
        this.tracer = off ? TracerProvider.noop().get("sluice") : tracer;
    }

    /** The span of one attempt. */
    record Sending(Span span) {

        /** The trace context for the target; empty when the event came in under none and none is made. */
        Optional<String> traceparent() {
            Map<String, String> headers = new HashMap<>();
            W3CTraceContextPropagator.getInstance()
                    .inject(Context.root().with(span), headers, (carrier, name, value) -> headers.put(name, value));
            return Optional.ofNullable(headers.get(TRACEPARENT));
        }

        void ended(Outcome outcome) {
            if (!(outcome instanceof Outcome.Delivered)) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }

    Sending sending(String target, QueuedEvent event) {
        Context parent = W3CTraceContextPropagator.getInstance().extract(Context.root(), event, Stored.TRACEPARENT);
        return new Sending(tracer.spanBuilder("deliver " + target)
                .setParent(parent)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute("sluice.event", event.id())
                .startSpan());
    }

    private enum Stored implements TextMapGetter<QueuedEvent> {
        TRACEPARENT;

        @Override
        public Iterable<String> keys(QueuedEvent event) {
            return Set.of(Tracing.TRACEPARENT);
        }

        @Override
        public @Nullable String get(@Nullable QueuedEvent event, String key) {
            return event != null && key.equals(Tracing.TRACEPARENT)
                    ? event.content().traceparent()
                    : null;
        }
    }
}
