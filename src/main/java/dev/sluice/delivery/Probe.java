package dev.sluice.delivery;

import dev.sluice.event.Content;
import dev.sluice.lane.QueuedEvent;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** Sends something to a target past its lanes, once, also while the target is disabled, and tells how it answered. */
@ApplicationScoped
public class Probe {
    private final Targets targets;
    private final Outlets outlets;

    /**
     * How a target answered.
     *
     * @param status the HTTP status, where there was an answer
     * @param error what went wrong; empty when it was a 2xx
     */
    public record Result(OptionalInt status, Optional<String> error, Duration took) {
        public boolean delivered() {
            return error.isEmpty();
        }
    }

    Probe(Targets targets, Outlets outlets) {
        this.targets = targets;
        this.outlets = outlets;
    }

    /** Sends it under the target's policy, signed and with all headers, but for a sequence. Never fails.
     *
     * @throws IllegalArgumentException if there is no target of that name
     */
    public Uni<Result> send(String name, String type, Content content) {
        Target target = targets.named(name);
        if (target == null) {
            throw new IllegalArgumentException("there is no target " + name);
        }
        Endpoint endpoint = outlets.of(target).endpoint();
        QueuedEvent event = new QueuedEvent("test_" + UUID.randomUUID(), 0, 0, false, "", type, content);
        long begun = System.nanoTime();
        return endpoint.sendPastTheCircuit(endpoint.attempt(event), event, 1)
                .map(outcome -> result(outcome, Duration.ofNanos(System.nanoTime() - begun)));
    }

    private static Result result(Outcome outcome, Duration took) {
        if (outcome instanceof Outcome.Delivered delivered) {
            return new Result(OptionalInt.of(delivered.status()), Optional.empty(), took);
        }
        if (outcome instanceof Outcome.Failed failed) {
            return new Result(failed.status(), Optional.of(failed.reason()), took);
        }
        return new Result(OptionalInt.empty(), Optional.of("it was unsubscribed meanwhile"), took);
    }
}
