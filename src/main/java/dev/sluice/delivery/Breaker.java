package dev.sluice.delivery;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.util.TypeLiteral;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** The circuit breaker of one target: counts how its attempts end, and makes none while too many have failed. From any thread. */
final class Breaker {
    private final TypedGuard<Uni<Outcome>> guard;
    private volatile CircuitBreakerState state = CircuitBreakerState.CLOSED;

    /** Carries an outcome through the guard, which counts what fails. */
    private static final class CountsAgainstTarget extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Outcome outcome;

        CountsAgainstTarget(Outcome outcome) {
            super("", null, false, false);
            this.outcome = outcome;
        }
    }

    /** Makes one that is closed.
     *
     * @param changed told of each new state, on any thread
     */
    Breaker(Policy.Circuit circuit, Consumer<CircuitBreakerState> changed) {
        guard = TypedGuard.create(new TypeLiteral<Uni<Outcome>>() {})
                .withCircuitBreaker()
                .requestVolumeThreshold(circuit.window())
                .failureRatio(circuit.failureRatio())
                .delay(circuit.delay().toMillis(), ChronoUnit.MILLIS)
                .successThreshold(circuit.successes())
                .onStateChange(now -> {
                    state = now;
                    changed.accept(now);
                })
                .done()
                .build();
    }

    CircuitBreakerState state() {
        return state;
    }

    /** Makes an attempt, unless the circuit is open. */
    Uni<Outcome> attempt(Supplier<Uni<Outcome>> attempt) {
        return guard.get(() -> attempt.get().onItem().invoke(this::count))
                .onFailure(CountsAgainstTarget.class)
                .recoverWithItem(failure -> ((CountsAgainstTarget) failure).outcome)
                .onFailure(CircuitBreakerOpenException.class)
                .recoverWithItem(new Outcome.Withheld("its circuit is open"));
    }

    private void count(Outcome outcome) {
        // A probe that was never made, or that nobody knows the end of, has shown nothing.
        boolean unknown = (outcome instanceof Outcome.Lost || outcome instanceof Outcome.Withheld)
                && state == CircuitBreakerState.HALF_OPEN;
        if (unknown || (outcome instanceof Outcome.Failed failed && failed.isOfTarget())) {
            throw new CountsAgainstTarget(outcome);
        }
    }
}
