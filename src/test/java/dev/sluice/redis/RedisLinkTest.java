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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connection to a real Redis, when it breaks. */
class RedisLinkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private EmbeddedRedis redis;
    private FaultyProxy proxy;
    private RedisLink link;

    @BeforeEach
    void connect() {
        redis = EmbeddedRedis.start(Path.of("target", "test-redis", "link"), "--save", "");
        proxy = new FaultyProxy(vertx, redis.port());
        link = new RedisLink(
                io.vertx.mutiny.redis.client.Redis.newInstance(
                        io.vertx.redis.client.Redis.createClient(vertx, proxy.uri())),
                new RedisSettings(Duration.ofSeconds(1), Set.of()));
        assertThat(ping()).isEqualTo("PONG");
    }

    @AfterEach
    void close() throws Exception {
        proxy.close();
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aConnectionThatWentSilentIsNeverUsedAgain() {
        for (int i = 0; i < 3; i++) {
            proxy.silence();
            assertThat(catchThrowable(this::ping)).isInstanceOf(StoreUnavailable.class);
            assertThat(ping()).isEqualTo("PONG");
        }
    }

    @Test
    void aCallWhoseConnectionIsClosedWasNotAnswered() {
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
        assertThat(ping()).isEqualTo("PONG");
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

    private String ping() {
        return link.send(Request.cmd(Command.PING)).await().atMost(PATIENCE).toString();
    }
}
