package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.quarkus.oidc.client.OidcClientException;
import io.quarkus.oidc.client.Tokens;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AccessTokenTest {
    private Instant now = Instant.ofEpochSecond(1_000_000);
    private final Deque<CompletableFuture<Tokens>> questions = new ArrayDeque<>();
    private final AccessToken token = new AccessToken("crm", this::ask, () -> now);

    @Test
    void itIsAskedForOnceForAllWhoWantItAndThenKept() {
        CompletableFuture<String> one = get();
        CompletableFuture<String> another = get();
        answer("a", 300);
        assertThat(one.join()).isEqualTo("a");
        assertThat(another.join()).isEqualTo("a");
        later(Duration.ofSeconds(269));
        assertThat(get().join()).isEqualTo("a");
        assertThat(questions).isEmpty();
    }

    @Test
    void shortlyBeforeItExpiresAnotherIsAskedForAndTheOldOneServesMeanwhile() {
        get();
        answer("a", 300);
        later(Duration.ofSeconds(271));
        assertThat(get().join()).isEqualTo("a");
        assertThat(get().join()).isEqualTo("a");
        answer("b", 300);
        assertThat(get().join()).isEqualTo("b");
        assertThat(questions).isEmpty();
    }

    @Test
    void oneThatDoesNotLiveLongIsRenewedInTheLastFifthOfItsLife() {
        get();
        answer("a", 10);
        later(Duration.ofMillis(7_900));
        get();
        assertThat(questions).isEmpty();
        later(Duration.ofMillis(200));
        get();
        assertThat(questions).hasSize(1);
    }

    @Test
    void oneThatHasExpiredIsWaitedForAndNotUsed() {
        get();
        answer("a", 300);
        later(Duration.ofSeconds(301));
        CompletableFuture<String> next = get();
        assertThat(next).isNotDone();
        answer("b", 300);
        assertThat(next.join()).isEqualTo("b");
    }

    @Test
    void oneThatExpiresAtOnceIsNotAskedForByEachAttempt() {
        get();
        answer("a", 0);
        assertThat(get().join()).isEqualTo("a");
        assertThat(questions).isEmpty();
        later(Duration.ofMillis(1_100));
        get();
        assertThat(questions).hasSize(1);
    }

    @Test
    void anEndpointThatGivesNoneIsLeftAloneForAPauseThatGrows() {
        CompletableFuture<String> first = get();
        fail();
        assertThat(pause(first)).isEqualTo(Duration.ofSeconds(1));
        later(Duration.ofMillis(600));
        assertThat(pause(get())).isEqualTo(Duration.ofMillis(400));
        for (int seconds : new int[] {2, 4, 8, 16, 30, 30}) {
            later(Duration.ofSeconds(30));
            CompletableFuture<String> again = get();
            fail();
            assertThat(pause(again)).isEqualTo(Duration.ofSeconds(seconds));
            assertThat(pause(get())).isEqualTo(Duration.ofSeconds(seconds));
        }
        later(Duration.ofSeconds(30));
        CompletableFuture<String> last = get();
        answer("a", 300);
        assertThat(last.join()).isEqualTo("a");
        later(Duration.ofSeconds(301));
        CompletableFuture<String> next = get();
        fail();
        assertThat(pause(next)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whatIsNoTokenIsNone() {
        for (String text : new String[] {"two words", "line\nbreak", "", null}) {
            CompletableFuture<String> asked = get();
            answer(text, 300);
            assertThat(pause(asked)).isPositive();
            later(Duration.ofSeconds(30));
        }
    }

    @Test
    void anOldOneThatServesIsUsedWhileThereIsNoNewOne() {
        get();
        answer("a", 300);
        later(Duration.ofSeconds(271));
        get();
        fail();
        assertThat(get().join()).isEqualTo("a");
        assertThat(questions).isEmpty();
        later(Duration.ofSeconds(2));
        assertThat(get().join()).isEqualTo("a");
        assertThat(questions).hasSize(1);
    }

    @Test
    void oneThatATargetRefusesIsDroppedButNotEachTime() {
        get();
        answer("a", 300);
        token.refused("a");
        CompletableFuture<String> next = get();
        answer("b", 300);
        assertThat(next.join()).isEqualTo("b");
        token.refused("a");
        token.refused("b");
        assertThat(get().join()).isEqualTo("b");
        later(Duration.ofSeconds(10));
        token.refused("b");
        get();
        assertThat(questions).hasSize(1);
    }

    private Uni<Tokens> ask() {
        CompletableFuture<Tokens> question = new CompletableFuture<>();
        questions.add(question);
        return Uni.createFrom().completionStage(question);
    }

    private CompletableFuture<String> get() {
        return token.get().subscribeAsCompletionStage();
    }

    private void answer(@Nullable String text, long seconds) {
        questions
                .remove()
                .complete(new Tokens(text, now.getEpochSecond() + seconds, null, null, null, new JsonObject(), "crm"));
    }

    private void fail() {
        questions.remove().completeExceptionally(new OidcClientException("{\"error\":\"invalid_client\"}"));
    }

    private void later(Duration length) {
        now = now.plus(length);
    }

    private static Duration pause(CompletableFuture<String> asked) {
        assertThat(asked).isDone();
        CompletionException failure = catchThrowableOfType(CompletionException.class, asked::join);
        return ((AccessToken.Missing) failure.getCause()).pause();
    }
}
