package dev.sluice.lane;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.OldRedis;
import java.nio.file.Path;

/** The same invariants, on the oldest Redis that is supported. */
class LaneOnOldestRedisIT extends LaneTest {
    @Override
    EmbeddedRedis newServer() {
        return OldRedis.oldestSupported(Path.of("target", "test-redis", "lanes-on-oldest"), "--save", "");
    }
}
