package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Answer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where registered webhooks may lead: here nowhere but to 127.0.0.2, whatever is written and whatever a name server says. */
class AddressGuardIT {
    private static final Path DIRECTORY = Path.of("target", "system", "address-guard");
    private static final String ALLOWED = "127.0.0.2";
    private static final String REFUSED = "127.0.0.1";
    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private static NameServer names;
    private static Gateway gateway;
    private static ApiClient manager;
    private static ApiClient publisher;

    @BeforeAll
    static void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        names = new NameServer(VERTX);
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.address-guard.allow", ALLOWED + "/32");
        settings.put("quarkus.vertx.resolver.servers", "127.0.0.1:" + names.port());
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        manager = new ApiClient(gateway, MANAGER);
        publisher = new ApiClient(gateway, PUBLISHER);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        names.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1",
                "0x7f.1",
                "0x7f000001",
                "0177.0.0.1",
                "017700000001",
                "2130706433",
                "127.0.0.1.",
                "localhost",
                "LOCALHOST",
                "0.0.0.0",
                "0",
                "10.0.0.1",
                "169.254.169.254",
                "[::1]",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[0:0:0:0:0:ffff:127.0.0.1]",
                "[64:ff9b::127.0.0.1]",
                "[fd00:ec2::254]",
                "[fe80::1]",
                "\uff4cocalhost",
                "\u2460\u2461\u2466.0.0.1",
                "127.0.0.1:80@127.0.0.2",
            })
    void whatLeadsNowhereElseIsRefusedHoweverItIsWritten(String host) {
        assertRefused(gateway, host);
    }

    /** A native binary asks whom the JDK asks, and that takes no other name server. */
    @ParameterizedTest
    @DisabledIf("dev.sluice.Artifact#isNative")
    @ValueSource(strings = {"private.test", "PRIVATE.test."})
    void aNameThatLeadsNowhereElseIsRefused(String host) {
        assertRefused(gateway, host);
    }

    /** As a native binary always does. */
    @Test
    void namesThatTheJdkLooksUpAreLookedUpBesideTheEventLoop() {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.address-guard.allow", ALLOWED + "/32");
        settings.put("quarkus.vertx.use-async-dns", "false");
        try (Gateway another = new Gateway(DIRECTORY.resolve("another"), redis.uri(), settings)) {
            assertRefused(another, "localhost");
            assertThat(another.metric("worker_pool_completed_total{pool_name=\"names\",pool_type=\"worker\"}"))
                    .isPositive();
        }
    }

    private static void assertRefused(Gateway by, String host) {
        ApiClient manager = new ApiClient(by, MANAGER);
        Answer refused = manager.post("/webhooks", "{\"url\":\"http://" + host + "/\",\"events\":[\"*\"]}");
        refused.assertFaults("/url");
        assertThat(refused.body()).doesNotContain(NameServer.PRIVATE);
        ApiClient.Registered allowed = manager.register("http://" + ALLOWED + "/", "NEVER");
        manager.send("PATCH", allowed.path(), "{\"url\":\"http://" + host + "/\"}")
                .assertFaults("/url");
    }

    @Test
    @DisabledIf("dev.sluice.Artifact#isNative")
    void anAddressThatANameServerChangesIsAskedAboutAtEachAttemptAndNoOtherIsConnectedTo() {
        try (Endpoint refused = new Endpoint(VERTX);
                Endpoint allowed = new Endpoint(VERTX, ALLOWED, refused.port())) {
            AtomicInteger asked = new AtomicInteger();
            names.answering("rebinding.test.", () -> asked.getAndIncrement() % 2 == 0 ? ALLOWED : REFUSED);
            manager.register("http://rebinding.test:" + refused.port() + "/", "REBOUND");
            for (int number = 0; number < 5; number++) {
                publisher.publish("REBOUND", "o", number);
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(allowed.numbers("o")).isEqualTo(List.of(0, 1, 2, 3, 4)));
            assertThat(refused.received()).isEmpty();
            assertThat(asked.get()).isGreaterThanOrEqualTo(2);
        }
    }
}
