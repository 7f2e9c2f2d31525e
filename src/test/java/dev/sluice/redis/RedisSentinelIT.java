package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Failovers by real Sentinels, as other tests rely on them. */
class RedisSentinelIT {
    private Vertx vertx;

    @BeforeEach
    void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void stopVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aWriteThatReplicationDidNotTakeIsLostWithThePrimary() throws Exception {
        try (RedisSentinel redis = start(1, "--appendonly", "yes")) {
            int replica = redis.replicas().get(0);
            int old = redis.primaryPort();
            redis.ask(old, Command.SET, "kept", "1");
            assertThat(redis.ask(old, Command.WAIT, 1, 10_000).toInteger()).isEqualTo(1);

            redis.pauseReplication();
            redis.ask(old, Command.SET, "lost", "1");
            assertThat(redis.ask(old, Command.WAIT, 1, 200).toInteger()).isZero();
            assertThat(redis.ask(replica, Command.GET, "kept")).hasToString("1");
            assertThat(redis.ask(replica, Command.GET, "lost")).isNull();

            assertThat(redis.killPrimary()).isEqualTo(old);
            redis.awaitFailover(old);
            assertThat(redis.primaryPort()).isEqualTo(replica);
            assertThat(redis.ask(replica, Command.GET, "kept")).hasToString("1");
            assertThat(redis.ask(replica, Command.GET, "lost")).isNull();

            redis.resumeReplication();
            redis.restartKilled();
            // It kept what the others have not.
            assertThat(redis.ask(old, Command.GET, "lost")).hasToString("1");
            redis.awaitSynced();
            assertThat(redis.replicas()).containsExactly(old);
            assertThat(redis.ask(old, Command.GET, "kept")).hasToString("1");
            assertThat(redis.ask(old, Command.GET, "lost")).isNull();
        }
    }

    @Test
    void whatIsWrittenDuringAPauseArrivesAfterIt() {
        try (RedisSentinel redis = start(2)) {
            redis.pauseReplication();
            redis.ask(redis.primaryPort(), Command.SET, "late", "1");
            assertThat(redis.replicas())
                    .hasSize(2)
                    .allSatisfy(replica ->
                            assertThat(redis.ask(replica, Command.GET, "late")).isNull());
            redis.resumeReplication();
            redis.awaitSynced();
            assertThat(redis.replicas())
                    .allSatisfy(replica ->
                            assertThat(redis.ask(replica, Command.GET, "late")).hasToString("1"));
        }
    }

    @Test
    @Tag("full")
    void clientsOfTheSentinelsFindTheSuccessorOfAFrozenPrimary() throws Exception {
        try (RedisSentinel redis = start(2)) {
            assertThat(get(redis, "a")).isNull();
            int frozen = redis.primaryPort();
            redis.ask(frozen, Command.SET, "a", "1");
            redis.awaitSynced();
            redis.stop(frozen);
            redis.awaitFailover(frozen);
            assertThat(redis.primaryPort()).isNotEqualTo(frozen);
            redis.ask(redis.primaryPort(), Command.SET, "a", "2");
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(get(redis, "a")).isEqualTo("2"));

            redis.cont(frozen);
            redis.awaitSynced();
            assertThat(redis.ask(frozen, Command.GET, "a")).hasToString("2");
        }
    }

    @Test
    @Tag("full")
    void aPrimaryThatNobodyReachesIsReplaced() {
        try (RedisSentinel redis = start(1)) {
            int lost = redis.primaryPort();
            redis.line(lost).blackhole();
            redis.awaitFailover(lost);
            redis.line(lost).pass();
            redis.awaitSynced();
            assertThat(redis.replicas()).containsExactly(lost);
        }
    }

    private RedisSentinel start(int replicas, String... settings) {
        return new RedisSentinel(vertx, Path.of("target", "test-redis", "sentinel"), replicas, settings);
    }

    /** What a client finds that knows nothing but the Sentinels. */
    private String get(RedisSentinel redis, String key) throws Exception {
        RedisOptions options = new RedisOptions()
                .setType(RedisClientType.SENTINEL)
                .setMasterName(redis.name())
                .setEndpoints(List.of(redis.sentinelUris().split(",")));
        Redis client = Redis.createClient(vertx, options);
        try {
            return client.send(Request.cmd(Command.GET).arg(key))
                    .map(found -> found == null ? null : found.toString())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } finally {
            client.close();
        }
    }
}
