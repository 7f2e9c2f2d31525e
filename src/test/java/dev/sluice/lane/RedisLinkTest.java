package dev.sluice.lane;

import static dev.sluice.lane.Gateway.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The connection to a real Redis, when it breaks. */
class RedisLinkTest {

    @Test
    void aConnectionThatWentSilentIsNeverUsedAgain() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of("target", "test-redis", "link"), "--save", "");
                SilentProxy proxy = new SilentProxy(vertx, redis.port())) {
            Gateway gateway = new Gateway(
                    Redis.createClient(vertx, "redis://127.0.0.1:" + proxy.port()),
                    Duration.ofSeconds(30),
                    4,
                    Map.of());
            assertThat(gateway.redis(Command.PING)).hasToString("PONG");
            for (int i = 0; i < 3; i++) {
                proxy.silence();
                assertThat(catchThrowable(() -> gateway.redis(Command.PING))).isInstanceOf(StoreUnavailable.class);
                assertThat(gateway.redis(Command.PING)).hasToString("PONG");
            }
        } finally {
            result(io.smallrye.mutiny.vertx.UniHelper.toUni(vertx.close()));
        }
    }
}
