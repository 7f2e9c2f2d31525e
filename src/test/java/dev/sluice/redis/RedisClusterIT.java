package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What other tests rely on when a real cluster loses primaries and moves slots. */
class RedisClusterIT {
    private static final List<String> KEYS =
            IntStream.range(0, 60).mapToObj(i -> "key-" + i).toList();

    private Vertx vertx;
    private RedisCluster cluster;

    @BeforeEach
    void startCluster() {
        vertx = Vertx.vertx();
        cluster = RedisCluster.withReplicas(vertx, Path.of("target", "test-redis", "cluster-of-six"));
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    @Tag("full")
    void replicasTakeOverWithTheDataAndBack() throws Exception {
        assertThat(cluster.seeds().split(",")).hasSize(6).doesNotHaveDuplicates();
        Redis client = cluster.client();
        for (String key : KEYS) {
            ask(client, Command.INCR, key);
        }
        client.close();
        for (int i = 0; i < 2; i++) {
            cluster.awaitSynced();
            cluster.killPrimary(0);
            assertThat(cluster.keys()).containsExactlyInAnyOrderElementsOf(KEYS);
            Redis after = cluster.client();
            for (String key : KEYS) {
                assertThat(ask(after, Command.INCR, key)).isEqualTo(i + 2);
            }
            after.close();
            cluster.restartKilled();
        }
    }

    @Test
    @Tag("full")
    void aPrimaryThatStoodStillHasWhatItsSuccessorHas() throws Exception {
        Redis client = cluster.client();
        for (String key : KEYS) {
            ask(client, Command.INCR, key);
        }
        client.close();
        cluster.awaitSynced();
        cluster.stopPrimary(0, () -> {
            Redis meanwhile = cluster.client();
            for (String key : KEYS) {
                assertThat(ask(meanwhile, Command.INCR, key)).isEqualTo(2);
            }
            meanwhile.close();
        });
        cluster.killPrimary(0);
        Redis after = cluster.client();
        for (String key : KEYS) {
            assertThat(ask(after, Command.INCR, key)).isEqualTo(3);
        }
        after.close();
    }

    @Test
    void slotsMoveWithTheirKeysWhileTheseAreUsed() throws Exception {
        Redis client = cluster.client();
        for (String key : KEYS) {
            ask(client, Command.INCR, key);
        }
        List<String> moving = cluster.keys(0).toList();
        List<String> there = cluster.keys(2).toList();
        assertThat(moving).isNotEmpty();

        AtomicBoolean moved = new AtomicBoolean();
        CompletableFuture<Integer> used = CompletableFuture.supplyAsync(() -> {
            int times = 1;
            while (!moved.get()) {
                times++;
                for (String key : KEYS) {
                    assertThat(ask(client, Command.INCR, key)).isEqualTo(times);
                }
            }
            return times;
        });
        cluster.moveSlots(moving.size() + 20, 0, 2);
        moved.set(true);

        int times = used.get(30, TimeUnit.SECONDS);
        assertThat(times).isGreaterThan(1);
        List<String> both = new ArrayList<>(there);
        both.addAll(moving);
        assertThat(cluster.keys(2)).containsExactlyInAnyOrderElementsOf(both);
        assertThat(cluster.keys(0)).isEmpty();
        for (String key : KEYS) {
            assertThat(ask(client, Command.GET, key)).isEqualTo(times);
        }
        client.close();
    }

    private static int ask(Redis client, Command command, String key) {
        return client.send(Request.cmd(command).arg(key))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join()
                .toInteger();
    }
}
