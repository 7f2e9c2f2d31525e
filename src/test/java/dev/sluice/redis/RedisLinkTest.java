package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The connection to a real Redis, when it breaks. */
class RedisLinkTest {

    @Test
    void aConnectionThatWentSilentIsNeverUsedAgain() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of("target", "test-redis", "link"), "--save", "");
                FaultyProxy proxy = new FaultyProxy(vertx, redis.port())) {
            RedisLink link = new RedisLink(
                    io.vertx.mutiny.redis.client.Redis.newInstance(
                            io.vertx.redis.client.Redis.createClient(vertx, proxy.uri())),
                    new RedisSettings(Duration.ofSeconds(1), Set.of()));
            assertThat(ping(link)).isEqualTo("PONG");
            for (int i = 0; i < 3; i++) {
                proxy.silence();
                assertThat(catchThrowable(() -> ping(link))).isInstanceOf(StoreUnavailable.class);
                assertThat(ping(link)).isEqualTo("PONG");
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
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

    private static String ping(RedisLink link) {
        return link.send(Request.cmd(Command.PING))
                .await()
                .atMost(Duration.ofSeconds(10))
                .toString();
    }
}
