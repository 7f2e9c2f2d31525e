package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The connection to a real Redis, when it breaks. */
class RedisLinkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void aConnectionThatWentSilentIsNeverUsedAgain() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of("target", "test-redis", "link"), "--save", "");
                FaultyProxy proxy = new FaultyProxy(vertx, redis.port())) {
            RedisLink link = link(vertx, proxy);
            assertThat(ping(link)).isEqualTo("PONG");
            for (int i = 0; i < 3; i++) {
                proxy.silence();
                assertThat(catchThrowable(() -> ping(link))).isInstanceOf(StoreUnavailable.class);
                assertThat(ping(link)).isEqualTo("PONG");
            }
        } finally {
            close(vertx);
        }
    }

    @Test
    void aCallWhoseConnectionIsClosedWasNotAnswered() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of("target", "test-redis", "closed"), "--save", "");
                FaultyProxy proxy = new FaultyProxy(vertx, redis.port())) {
            RedisLink link = link(vertx, proxy);
            assertThat(ping(link)).isEqualTo("PONG");
            proxy.delay(Duration.ofMillis(500));
            CompletableFuture<Response> waiting =
                    link.send(Request.cmd(Command.PING)).subscribeAsCompletionStage();
            proxy.cut();
            assertThat(waiting)
                    .failsWithin(PATIENCE)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(StoreUnavailable.class);
            assertThat(link.losses()).isEqualTo(1);
            proxy.pass();
            assertThat(ping(link)).isEqualTo("PONG");
        } finally {
            close(vertx);
        }
    }

    @Test
    void noMoreCallsWaitThanTheBoundAndTheRestFailAtOnce() {
        Bound bound = new Bound(2);
        bound.enter();
        bound.enter();
        assertThat(catchThrowable(bound::enter)).isInstanceOf(StoreUnavailable.class);
        bound.leave();
        bound.enter();
        assertThat(catchThrowable(bound::enter)).isInstanceOf(StoreUnavailable.class);
    }

    private static RedisLink link(Vertx vertx, FaultyProxy proxy) {
        return new RedisLink(
                io.vertx.mutiny.redis.client.Redis.newInstance(
                        io.vertx.redis.client.Redis.createClient(vertx, proxy.uri())),
                new RedisSettings(Duration.ofSeconds(1), Set.of()));
    }

    private static void close(Vertx vertx) throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static String ping(RedisLink link) {
        return link.send(Request.cmd(Command.PING)).await().atMost(PATIENCE).toString();
    }
}
