package dev.sluice.reactive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniSubscriber;
import io.smallrye.mutiny.subscription.UniSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedResultTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AtomicInteger operations = new AtomicInteger();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final Uni<String> shared = SharedResult.of(Uni.createFrom().deferred(() -> {
        operations.incrementAndGet();
        return Uni.createFrom().completionStage(end);
    }));

    @Test
    void operationRunsOnceAndAnswersCallersThatComeBeforeAndAfterItsEnd() {
        assertThat(operations).hasValue(0);
        CompletableFuture<String> early = shared.subscribeAsCompletionStage();
        CompletableFuture<String> next = shared.subscribeAsCompletionStage();
        assertThat(early).isNotDone();
        end.complete("done");
        assertThat(early).isCompletedWithValue("done");
        assertThat(next).isCompletedWithValue("done");
        assertThat(shared.await().atMost(PATIENCE)).isEqualTo("done");
        assertThat(operations).hasValue(1);
    }

    @Test
    void everyCallerReceivesTheFailure() {
        CompletableFuture<String> early = shared.subscribeAsCompletionStage();
        end.completeExceptionally(new IllegalStateException("failed"));
        assertThat(early).isCompletedExceptionally();
        assertThatThrownBy(() -> shared.await().atMost(PATIENCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("failed");
    }

    @Test
    void operationContinuesForOthersWhenACallerCancels() {
        Cancellable first = shared.subscribe().with(item -> {});
        CompletableFuture<String> second = shared.subscribeAsCompletionStage();
        first.cancel();
        end.complete("done");
        assertThat(second).isCompletedWithValue("done");
    }

    @Test
    void callerReceivesItsSubscriptionBeforeTheItemWhenTheOperationEndsMeanwhile() {
        shared.subscribe().with(item -> {});
        List<String> signals = new ArrayList<>();
        shared.subscribe().withSubscriber(new UniSubscriber<String>() {
            @Override
            public void onSubscribe(UniSubscription subscription) {
                CompletableFuture.runAsync(() -> end.complete("done")).join();
                signals.add("subscribed");
            }

            @Override
            public void onItem(String item) {
                signals.add(item);
            }

            @Override
            public void onFailure(Throwable failure) {
                signals.add(failure.toString());
            }
        });
        assertThat(signals).containsExactly("subscribed", "done");
    }
}
