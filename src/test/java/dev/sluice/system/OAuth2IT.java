package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Endpoint.Received;
import dev.sluice.system.TokenEndpoint.Asked;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Targets that want an access token, from an endpoint that may be away. */
class OAuth2IT {
    private static final Path DIRECTORY = Path.of("target", "system", "oauth2").toAbsolutePath();
    private static final String KEY = "a-key-that-may-publish";
    private static final String SECRET = "cl1ent-s3cret";
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofSeconds(15);
    private static final Vertx VERTX = Vertx.vertx();
    private static final TokenEndpoint KEPT = new TokenEndpoint(VERTX, LONG);
    private static final TokenEndpoint RENEWED = new TokenEndpoint(VERTX, SHORT);
    private static final TokenEndpoint REFUSED = new TokenEndpoint(VERTX, LONG);
    private static final TokenEndpoint NEVER_RIGHT = new TokenEndpoint(VERTX, LONG);
    private static final TokenEndpoint FAILING = new TokenEndpoint(VERTX, LONG);
    private static final TokenEndpoint SILENT = new TokenEndpoint(VERTX, LONG);
    private static final Endpoint TARGET = new Endpoint(VERTX);

    private static EmbeddedRedis redis;
    private static Gateway gateway;
    private static ApiClient publisher;

    @BeforeAll
    static void start() {
        FAILING.answering(401);
        SILENT.answering(TokenEndpoint.HANG);
        Map<String, String> settings = new HashMap<>(Map.of(
                "sluice.api.keys.app.sha256", ApiClient.sha256(KEY),
                "sluice.api.keys.app.roles", "publish",
                "sluice.publish.ordering-key", "/data/orderId",
                "sluice.policies.default.retry.initial", "100ms",
                "sluice.policies.default.retry.max-delay", "200ms"));
        Map.of("kept", KEPT, "renewed", RENEWED, "refused", REFUSED, "never-right", NEVER_RIGHT)
                .forEach((name, endpoint) -> client(settings, name, endpoint));
        client(settings, "failing", FAILING);
        client(settings, "silent", SILENT);
        settings.put("quarkus.oidc-client.kept.scopes", "read,write");
        // A question that is not answered must not keep the only connection.
        settings.put("quarkus.oidc-client.silent.max-pool-size", "1");
        for (String name : List.of("renewed", "refused", "never-right", "failing", "silent")) {
            target(settings, name, name);
        }
        target(settings, "one", "kept");
        target(settings, "another", "kept");
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        publisher = new ApiClient(gateway, KEY);
    }

    @AfterAll
    static void stop() {
        try {
            assertThat(gateway.logged()).doesNotContain(SECRET, TokenEndpoint.TOKEN);
        } finally {
            gateway.close();
            redis.close();
            VERTX.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void aTokenIsAskedForOnceForAllTargetsOfAClientAndKept() {
        for (int number = 0; number < 10; number++) {
            publisher.publish("one", "o-" + number, 0);
            publisher.publish("another", "o-" + number, 0);
        }
        await().atMost(PATIENCE)
                .until(() -> received("one").size() + received("another").size() == 20);
        assertThat(received("one")).allSatisfy(OAuth2IT::bearsTheFirstToken);
        assertThat(received("another")).allSatisfy(OAuth2IT::bearsTheFirstToken);
        assertThat(KEPT.asked()).hasSize(1);
        Asked asked = KEPT.asked().get(0);
        assertThat(asked.form().get("grant_type")).isEqualTo("client_credentials");
        assertThat(asked.form().get("scope")).isEqualTo("read write");
        assertThat(asked.authorization())
                .isEqualTo("Basic "
                        + Base64.getEncoder().encodeToString(("sluice:" + SECRET).getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aTokenIsRenewedBeforeItExpires() {
        for (int number = 0; RENEWED.asked().size() < 2; number++) {
            publisher.publish("renewed", "o", number);
            int last = number;
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(PATIENCE)
                    .until(() -> numbers("renewed").contains(last));
        }
        assertThat(received("renewed"))
                .allMatch(request -> RENEWED.isGood(request.header("Authorization"), request.at()));
        assertThat(gateway.metric(deliveries("renewed", "failed"))).isZero();
    }

    @Test
    void aTokenThatATargetRefusesIsReplaced() {
        TARGET.answering(request -> request.path().equals("/refused")
                                && request.header("Authorization").endsWith("-1")
                        || request.path().equals("/never-right")
                ? 401
                : 200);
        publisher.publish("refused", "o", 0);
        publisher.publish("never-right", "o", 0);
        await().atMost(PATIENCE).until(() -> gateway.metric(deliveries("refused", "delivered")) == 1);
        assertThat(received("refused"))
                .extracting(request -> request.header("Authorization"))
                .containsExactly("Bearer " + TokenEndpoint.TOKEN + 1, "Bearer " + TokenEndpoint.TOKEN + 2);

        // One that refuses every token does not have the endpoint asked each time.
        await().atMost(PATIENCE).until(() -> received("never-right").size() > 15);
        assertThat(NEVER_RIGHT.asked()).hasSizeBetween(2, 5);
    }

    @ParameterizedTest
    @CsvSource({"failing,3", "silent,2"})
    void aTokenEndpointThatFailsHoldsTheTargetAndNoAttemptIsMade(String name, int questions) {
        TokenEndpoint endpoint = name.equals("silent") ? SILENT : FAILING;
        for (int number = 0; number < 3; number++) {
            for (int lane = 0; lane < 10; lane++) {
                publisher.publish(name, "o-" + lane, number);
            }
        }
        await().atMost(PATIENCE).until(() -> endpoint.asked().size() == questions);
        List<Asked> asked = endpoint.asked();
        for (int question = 1; question < questions; question++) {
            assertThat(Duration.ofNanos(
                            asked.get(question).at() - asked.get(question - 1).at()))
                    .isGreaterThan(Duration.ofMillis(question * 1_000L - 100));
        }
        assertThat(received(name)).isEmpty();

        endpoint.answering(200);
        for (int lane = 0; lane < 10; lane++) {
            String order = "o-" + lane;
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(received(name).stream()
                                    .filter(request -> request.order().equals(order))
                                    .map(Received::number))
                            .isEqualTo(IntStream.range(0, 3).boxed().toList()));
        }
        assertThat(received(name))
                .extracting(request -> request.header("Webhook-Attempt"))
                .containsOnly("1");
        assertThat(gateway.metric(deliveries(name, "failed"))).isZero();
        assertThat(gateway.logged()).contains("no access token").contains("access token again");
    }

    private static void bearsTheFirstToken(Received request) {
        assertThat(request.header("Authorization")).isEqualTo("Bearer " + TokenEndpoint.TOKEN + 1);
    }

    private static List<Received> received(String name) {
        return TARGET.received().stream()
                .filter(request -> request.path().equals("/" + name))
                .toList();
    }

    private static List<Integer> numbers(String name) {
        return received(name).stream().map(Received::number).toList();
    }

    private static String deliveries(String name, String outcome) {
        return "sluice_deliveries_total{outcome=\"" + outcome + "\",target=\"" + name + "\"}";
    }

    private static void client(Map<String, String> settings, String name, TokenEndpoint endpoint) {
        settings.put("quarkus.oidc-client." + name + ".token-path", endpoint.url());
        settings.put("quarkus.oidc-client." + name + ".client-id", "sluice");
        settings.put("quarkus.oidc-client." + name + ".credentials.secret", SECRET);
    }

    private static void target(Map<String, String> settings, String name, String client) {
        settings.put("sluice.targets." + name + ".url", TARGET.url("/" + name));
        settings.put("sluice.targets." + name + ".events", name);
        settings.put("sluice.targets." + name + ".auth.oauth2", client);
    }
}
