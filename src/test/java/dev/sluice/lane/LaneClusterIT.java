package dev.sluice.lane;

import static dev.sluice.lane.Gateway.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.redis.RedisCluster;
import dev.sluice.redis.StoreUnavailable;
import dev.sluice.target.Webhook;
import dev.sluice.target.WebhookStore;
import dev.sluice.target.WebhookStore.Written;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lanes on a real Redis Cluster: every script finds its keys in one slot, also while that slot moves. */
class LaneClusterIT {
    private static final int PARTITIONS = 16;

    /** Not the common pool: its threads know other classes than the tests of a running gateway leave behind. */
    private static final Executor OWN_THREAD = command -> new Thread(command, "sender").start();

    private static final Recipient ERP = new Recipient("erp", Joining.IN_ORDER, true, Duration.ZERO, Optional.empty());
    private static final Recipient CRM = new Recipient("crm", Joining.IN_ORDER, false, Duration.ZERO, Optional.empty());
    private static final Recipient BI = new Recipient("bi", Joining.IN_ORDER, false, Duration.ZERO, Optional.empty());

    private static Vertx vertx;
    private static RedisCluster cluster;
    private static Gateway gateway;

    @BeforeAll
    static void startCluster() {
        vertx = Vertx.vertx();
        cluster = new RedisCluster(vertx, Path.of("target", "test-redis", "cluster"));
        gateway = new Gateway(cluster.client(), Duration.ofSeconds(30), PARTITIONS, Map.of());
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Another test may have ended connections that the gateway still takes for open. */
    @BeforeEach
    void everyNodeIsReached() {
        await().atMost(Duration.ofSeconds(10))
                .ignoreExceptionsInstanceOf(StoreUnavailable.class)
                .until(() -> {
                    for (int partition = 0; partition < PARTITIONS; partition++) {
                        result(gateway.due.due(partition));
                    }
                    return true;
                });
    }

    @Test
    void everyScriptRunsWhereverItsPartitionIs() {
        for (int i = 0; i < 50; i++) {
            Leased leased = gateway.accept("every-" + i, "0", ERP, CRM).leased().get(0);
            gateway.accept("every-" + i, "1", ERP, CRM);
            Settle.Settled.Next next = (Settle.Settled.Next) gateway.settle(leased, new Settlement.Delivered());
            assertThat(result(gateway.renew.renew(leased.lease().partition(), List.of(leased.lease()))))
                    .isEmpty();
            assertThat(next.leased().head().content().body()).asString(UTF_8).isEqualTo("1");
            result(gateway.release.release(leased.lease()));
        }
        result(gateway.hold.hold("none", Duration.ofMillis(1)));
        for (int partition = 0; partition < PARTITIONS; partition++) {
            result(gateway.due.due(partition));
        }
        assertThat(gateway.claim("crm")).hasSize(50);
        assertThat(result(gateway.census.take(List.of("erp", "crm")))
                        .targets()
                        .get(1)
                        .queued())
                .isEqualTo(100);
        assertThat(result(gateway.pods.present(Duration.ofMinutes(1), 20, 0)).ids())
                .containsExactly(gateway.pods.self());
    }

    @Test
    void aRegisteredWebhookIsKeptAndClearedAwayWhereverItsLanesAre() {
        String id = "wh_everywhere";
        WebhookStore store = new WebhookStore(gateway.scripts, new ObjectMapper().findAndRegisterModules());
        Webhook webhook = new Webhook(
                URI.create("http://x/"),
                List.of("*"),
                List.of(),
                true,
                null,
                null,
                true,
                null,
                Instant.EPOCH,
                "",
                null,
                null);
        Written.Done added = (Written.Done) result(store.add(id, webhook));
        Written.Done changed = (Written.Done) result(store.replace(id, added.version(), webhook.disable("a test")));

        Recipient[] many = IntStream.range(0, 150)
                .mapToObj(i -> new Recipient(
                        i == 0 ? id : "wh_" + i,
                        Joining.IN_ORDER,
                        false,
                        Duration.ZERO,
                        // The last ones are full.
                        i > 140 ? Optional.of(Relief.NONE) : Optional.empty()))
                .toArray(Recipient[]::new);
        for (int i = 0; i < PARTITIONS * 3; i++) {
            gateway.accept("webhook-" + i, "0", many[0]);
        }
        Acceptance.Accepted spread = gateway.accept("webhook-0", "1", many);
        assertThat(result(gateway.history.tell(spread.id()))).isPresent();
        gateway.settle(gateway.claim(id, 1).get(0), new Settlement.Dead("HTTP 400", Relief.NONE));
        Census.Count count = result(gateway.census.take(List.of())).webhooks();
        assertThat(count.queued()).isEqualTo(PARTITIONS * 3 + 141 - 1);
        assertThat(count.ready()).isPositive();

        assertThat(result(store.remove(id, changed.version()))).isInstanceOf(Written.Done.class);
        assertThat(result(store.removed()))
                .singleElement()
                .satisfies(removed -> assertThat(removed.id()).isEqualTo(id));
        result(gateway.drop.drop(id));
        result(store.ended(id, false));
        result(store.forget(id));
        assertThat(result(store.removed())).isEmpty();
        assertThat(result(store.since(0)).list()).isEmpty();
        assertThat(result(gateway.census.take(List.of())).webhooks().queued()).isEqualTo(140);
        assertThat(cluster.keys()).noneMatch(key -> key.contains(id));
    }

    @Test
    void whileASlotMovesAnEventIsRefusedOrAcceptedOnceAndAfterwardsAllGoesOnInOrder() throws Exception {
        Leased first = gateway.accept("moving", "0", ERP).leased().get(0);
        RedisCluster.Slot slot = cluster.slot(Integer.toString(first.lease().partition()));
        slot.beginToMove();
        assertThat(slot.moveOneKey()).isTrue();
        // The keys are on both sides: refused in time, over a connection that stays, for other partitions to use.
        long connections = cluster.connectionsOpened();
        CompletableFuture<Throwable> refused = CompletableFuture.supplyAsync(
                () -> catchThrowable(() -> gateway.accept("moving", "1", ERP)), OWN_THREAD);
        int others = 0;
        while (!refused.isDone()) {
            gateway.accept(elsewhere(first.lease().partition()), "" + others++, BI);
        }
        assertThat(refused.get()).isInstanceOf(StoreUnavailable.class);
        assertThat(others).isGreaterThan(10);
        // The client may have opened one to ask where slots are; a lost connection would open one to each node.
        assertThat(cluster.connectionsOpened() - connections).isLessThan(3);

        List<Acceptance> answers = new ArrayList<>();
        CompletableFuture<Void> sender = CompletableFuture.runAsync(
                () -> await().atMost(Duration.ofSeconds(30))
                        .ignoreExceptionsInstanceOf(StoreUnavailable.class)
                        .until(() -> answers.add(gateway.offer("moving", "1", Gateway.WINDOW, ERP))),
                OWN_THREAD);
        while (slot.moveOneKey()) {
            assertThat(answers).isEmpty();
        }
        slot.moved();
        sender.get();

        assertThat(answers).singleElement().isInstanceOf(Acceptance.Accepted.class);
        assertThat(answers.get(0).sequence()).isEqualTo(first.head().sequence() + 1);
        Settle.Settled.Next next = (Settle.Settled.Next) gateway.settle(first, new Settlement.Delivered());
        assertThat(next.leased().head().id()).isEqualTo(answers.get(0).id());
    }

    @Test
    void aNodeThatEndsItsConnectionsLeavesTheOthersUsable() {
        // More often than the client's pool has connections: one that stayed behind each time would use it up.
        for (int i = 0; i < 10; i++) {
            String body = "" + i;
            cluster.endConnections(i % 2);
            await().atMost(Duration.ofSeconds(10))
                    .ignoreExceptionsInstanceOf(StoreUnavailable.class)
                    .until(() -> gateway.offer("ended", body, Gateway.WINDOW, BI) != null);
        }
    }

    /** An entity whose lanes are in another partition. */
    private static String elsewhere(int partition) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "elsewhere-" + i)
                .filter(key -> gateway.accept.partition(Gateway.event(key, "")) != partition)
                .findFirst()
                .orElseThrow();
    }
}
