package dev.sluice.reactive;

import io.smallrye.mutiny.Uni;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The result of one operation, for every caller that subscribes. The first subscription starts the operation. A caller that cancels stops
 * waiting, and the operation continues for the others. Safe to subscribe to from any thread.
 *
 * <p>{@code Uni.memoize()} of Mutiny 3.1.1 is not: it registers a subscriber before it calls {@code onSubscribe}. When the operation ends on
 * another thread between the two, the subscriber receives the item first, and a {@code chain()} takes the item for that of its own upstream: it
 * runs its mapper twice, or with the wrong item.
 */
public final class SharedResult {
    private SharedResult() {}

    /** Returns a Uni that subscribes to the operation once, however many subscribers it has itself. */
    public static <T> Uni<T> of(Uni<T> operation) {
        CompletableFuture<T> result = new CompletableFuture<>();
        AtomicBoolean started = new AtomicBoolean();
        return Uni.createFrom().completionStage(() -> {
            if (started.compareAndSet(false, true)) {
                operation.subscribe().with(result::complete, result::completeExceptionally);
            }
            // A caller that cancels cancels its copy.
            return result.copy();
        });
    }
}
