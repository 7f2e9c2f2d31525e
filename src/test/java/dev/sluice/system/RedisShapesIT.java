package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.Authority;
import dev.sluice.Authority.Issued;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.OldRedis;
import dev.sluice.system.Gateway.Ended;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The gateway on a Redis that will not do, one that will not do yet, and one that does though it is not the usual one. */
class RedisShapesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int TRIES = 10;
    private static final String PASSWORD = "the-password-of-redis";
    private static final String WRONG = "not-the-password-of-redis";

    private final Vertx vertx = Vertx.vertx();
    private final RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    private final Map<String, String> settings = Shop.settings(Map.of("erp", target), "400ms");

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    @AfterEach
    void closeVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void oneThatThrowsEventsAwayWhenItIsFullIsRefusedAtTheStart() {
        try (EmbeddedRedis redis = redis("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")) {
            Ended ended = Gateway.ending(directory, redis.uri(), settings);
            assertThat(ended.exitCode()).isEqualTo(1);
            assertLogged(ended.log(), "FATAL", "maxmemory-policy allkeys-lru", "set it to noeviction");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void oneThatIsTooOldIsRefusedAtTheStart() {
        try (EmbeddedRedis redis = OldRedis.tooOld(directory.resolve("redis"), "--save", "")) {
            Ended ended = Gateway.ending(directory, redis.uri(), settings);
            assertThat(ended.exitCode()).isEqualTo(1);
            assertLogged(ended.log(), "FATAL", "it is version 2.8.19", "6.2 is the oldest");
        }
    }

    @Test
    void theOldestThatIsSupportedDoesAllThatIsAskedOfIt() throws Exception {
        try (EmbeddedRedis redis = OldRedis.oldestSupported(directory.resolve("redis"), "--save", "");
                RedisLook look = new RedisLook(vertx, redis.uri())) {
            new RedisWalk(vertx, directory, redis.uri()).go(look);
        }
    }

    @Test
    void aReplicaIsWaitedForUntilItIsThePrimary() throws Exception {
        try (EmbeddedRedis primary = redis();
                EmbeddedRedis replica = EmbeddedRedis.start(
                        directory.resolve("replica"), "--save", "", "--replicaof", "127.0.0.1 " + primary.port());
                RedisLook look = new RedisLook(vertx, replica.uri());
                Gateway gateway = Gateway.unready(directory, replica.uri(), settings)) {
            awaitLogged(gateway, "WARN", "Redis is a replica", "quarkus.redis.hosts must lead to the primary");
            assertRefusing(gateway);
            assertNotRepeatingItself(gateway, look);
            look.run(Command.REPLICAOF, "NO", "ONE");
            await().atMost(PATIENCE).until(() -> gateway.health("ready") == 200);
            assertDelivering(gateway, "order");
        }
    }

    @Test
    void aWrongPasswordIsToldOfAndNotShown() throws Exception {
        try (EmbeddedRedis redis = redis();
                RedisLook look = new RedisLook(vertx, redis.uri())) {
            look.run(Command.CONFIG, "SET", "requirepass", PASSWORD);
            try (Gateway gateway = Gateway.unready(directory, uri(WRONG, redis), settings)) {
                awaitLogged(gateway, "WARN", "WRONGPASS");
                assertRefusing(gateway);
                assertNotRepeatingItself(gateway, look);
                assertThat(gateway.loggedSinceStart()).doesNotContain(WRONG);
            }
            try (Gateway gateway = Gateway.unready(directory, redis.uri(), settings)) {
                awaitLogged(gateway, "WARN", "NOAUTH");
                assertRefusing(gateway);
                assertNotRepeatingItself(gateway, look);
            }
            try (Gateway gateway = new Gateway(directory, uri(PASSWORD, redis), settings)) {
                assertDelivering(gateway, "order");
                assertThat(gateway.loggedSinceStart()).doesNotContain(PASSWORD);
            }
        }
    }

    @Test
    void oneBehindTlsThatWantsToKnowWhoComesIsToldWithACertificate() throws Exception {
        Authority authority = new Authority(directory.toAbsolutePath(), "authority");
        trust(authority);
        Issued own = authority.issue("gateway");
        settings.put("quarkus.tls.redis.key-store.pem.0.cert", own.certificate().toString());
        settings.put("quarkus.tls.redis.key-store.pem.0.key", own.key().toString());
        int port = EmbeddedRedis.freePort();
        try (EmbeddedRedis redis = redis(tls(port, authority, "127.0.0.1"));
                Gateway gateway = new Gateway(directory, "rediss://127.0.0.1:" + port, settings)) {
            assertDelivering(gateway, "order");
        }
    }

    @Test
    void oneWhoseCertificateIsForAnotherHostIsNotTrusted() throws Exception {
        Authority authority = new Authority(directory.toAbsolutePath(), "authority");
        trust(authority);
        int port = EmbeddedRedis.freePort();
        try (EmbeddedRedis redis = redis(tls(port, authority, "elsewhere.test"));
                Gateway gateway = Gateway.unready(directory, "rediss://127.0.0.1:" + port, settings)) {
            awaitLogged(gateway, "WARN", "No subject alternative names matching IP address 127.0.0.1 found");
            assertRefusing(gateway);
        }
    }

    @Test
    void aFullOneRefusesEventsAndIsDrainedAndTakesThemAgain() throws Exception {
        settings.put("sluice.policies.default.circuit.window", "10000");
        target.answering(500);
        try (EmbeddedRedis redis = redis("--maxmemory", "6mb");
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            List<Sent> sent = new ArrayList<>();
            Message refused = fill(gateway, sent);
            assertThat(sent).hasSizeGreaterThan(50);
            assertLogged(gateway.loggedSinceStart(), "WARN", "rejected", "Redis refused accept: OOM");
            assertThat(gateway.health("ready")).isEqualTo(200);

            // Else the first delivery would make room for the others.
            look.run(Command.CONFIG, "SET", "maxmemory", "1");
            int requests = target.requests();
            await().atMost(PATIENCE).until(() -> target.requests() > requests + 100);
            target.answering(200);
            await().atMost(PATIENCE).until(() -> target.delivered() == sent.size());
            assertThat(gateway.metric("sluice_deliveries_total{outcome=\"lost\",target=\"erp\"}"))
                    .isZero();
            assertThat(send(gateway, refused, sent)).isEqualTo(503);

            look.run(Command.CONFIG, "SET", "maxmemory", "6mb");
            assertThat(send(gateway, refused, sent)).isEqualTo(200);
            assertThat(sent.get(sent.size() - 1).status()).isEqualTo("accepted");
            await().atMost(PATIENCE).until(() -> target.delivered() == sent.size());
            ArrivalCheck check = new ArrivalCheck(sent, target.arrivals());
            assertThat(check.violations()).isEmpty();
            assertThat(check.hits()).isEmpty();
            assertThat(check.doubles()).isEmpty();
        }
    }

    @Test
    void oneThatIsEmptiedUnderTheGatewayIsToldOfAndUsedFurther() throws Exception {
        try (EmbeddedRedis redis = redis();
                RedisLook look = new RedisLook(vertx, redis.uri());
                Gateway gateway = new Gateway(directory, redis.uri(), settings)) {
            assertDelivering(gateway, "before");
            look.run(Command.FLUSHALL);
            awaitLogged(gateway, "ERROR", "Redis has lost all its data", "what was queued is gone");
            assertDelivering(gateway, "after");
            assertThat(gateway.health("ready")).isEqualTo(200);
        }
    }

    private EmbeddedRedis redis(String... more) {
        List<String> all = new ArrayList<>(List.of("--save", ""));
        all.addAll(List.of(more));
        return EmbeddedRedis.start(directory.resolve("redis"), all.toArray(String[]::new));
    }

    private static String uri(String password, EmbeddedRedis redis) {
        return "redis://:" + password + "@127.0.0.1:" + redis.port();
    }

    /** Without an algorithm that checks the host the client does not connect. */
    private void trust(Authority authority) {
        settings.put("quarkus.redis.tls-configuration-name", "redis");
        settings.put("quarkus.tls.redis.hostname-verification-algorithm", "HTTPS");
        settings.put(
                "quarkus.tls.redis.trust-store.pem.certs",
                authority.certificate().toString());
    }

    private static String[] tls(int port, Authority authority, String host) {
        Issued own = authority.issue(host);
        return new String[] {
            "--tls-port",
            Integer.toString(port),
            "--tls-cert-file",
            own.certificate().toString(),
            "--tls-key-file",
            own.key().toString(),
            "--tls-ca-cert-file",
            authority.certificate().toString()
        };
    }

    /** It lives, says that it is not ready, and has senders come again. */
    private static void assertRefusing(Gateway gateway) throws Exception {
        assertThat(gateway.health("live")).isEqualTo(200);
        assertThat(gateway.health("ready")).isEqualTo(503);
        HttpResponse<String> answer = post(gateway, new Message("early", 0).body());
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    /** The gateway tries again and again, and logs the reason once. */
    private static void assertNotRepeatingItself(Gateway gateway, RedisLook look) {
        long before = look.commandsOfOthers();
        await().atMost(PATIENCE).until(() -> look.commandsOfOthers() > before + TRIES);
        assertThat(gateway.loggedSinceStart()
                        .lines()
                        .filter(line -> line.contains("\"loggerName\":\"dev.sluice."))
                        .map(line -> line.replaceAll(".*\"message\":(.*),\"threadName.*", "$1")))
                .doesNotHaveDuplicates();
    }

    private void assertDelivering(Gateway gateway, String prefix) throws Exception {
        long before = target.delivered();
        List<Sent> sent = new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send(prefix, 100, 10, 4, 1);
        await().atMost(PATIENCE).until(() -> target.delivered() == before + 100);
        ArrivalCheck check = new ArrivalCheck(sent, target.arrivals());
        assertThat(check.violations()).isEmpty();
        assertThat(check.hits()).isEmpty();
        assertThat(check.doubles()).isEmpty();
    }

    /** Sends until no more is taken, and tells what was not. */
    private static Message fill(Gateway gateway, List<Sent> sent) throws Exception {
        for (int number = 0; ; number++) {
            for (int entity = 0; entity < 10; entity++) {
                Message message = new Message("order-" + entity, number);
                if (send(gateway, message, sent) == 503) {
                    return message;
                }
            }
        }
    }

    /** Sends an event that takes some room, and notes it when it is accepted. */
    private static int send(Gateway gateway, Message message, List<Sent> sent) throws Exception {
        String body = new String(message.body(), StandardCharsets.UTF_8);
        HttpResponse<String> answer = post(
                gateway,
                body.replace("}}", ",\"note\":\"" + "x".repeat(10_000) + "\"}}").getBytes(StandardCharsets.UTF_8));
        if (answer.statusCode() == 200) {
            JsonNode told = JSON.readTree(answer.body());
            sent.add(new Sent(
                    message,
                    told.get("id").asText(),
                    told.get("sequence").asLong(),
                    told.get("status").asText(),
                    System.nanoTime()));
        }
        return answer.statusCode();
    }

    private static HttpResponse<String> post(Gateway gateway, byte[] body) throws IOException, InterruptedException {
        return HTTP.send(
                Shop.SIGNER
                        .sign(HttpRequest.newBuilder(gateway.in("shop")), body)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static void awaitLogged(Gateway gateway, String level, String... parts) {
        await().atMost(PATIENCE).untilAsserted(() -> assertLogged(gateway.loggedSinceStart(), level, parts));
    }

    /** One line of this level holds all these parts. */
    private static void assertLogged(String log, String level, String... parts) {
        assertThat(log.lines().filter(line -> line.contains("\"level\":\"" + level + "\"")))
                .anySatisfy(line -> assertThat(line).contains(parts));
    }
}
