package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.Authority;
import dev.sluice.Authority.Issued;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Targets over TLS: whom the gateway trusts, who it is itself, what it speaks, and files that are replaced under it. */
@Tag("jdk")
class TlsIT {
    private static final Path DIRECTORY = Path.of("target", "system", "tls").toAbsolutePath();
    private static final Path ROTATING = DIRECTORY.resolve("rotating");
    private static final String HOST = "127.0.0.1";
    private static final String KEY = "a-key-that-may-publish";
    private static final Vertx VERTX = Vertx.vertx();
    private static final Authority AUTHORITY = new Authority(DIRECTORY, "authority");
    private static final Authority NEXT_AUTHORITY = new Authority(DIRECTORY, "next-authority");
    private static final Issued CERTIFICATE = AUTHORITY.issue(HOST);
    private static final Issued GATEWAY = AUTHORITY.issue("gateway");

    private static final Endpoint TRUSTED = new Endpoint(VERTX, tls(CERTIFICATE));
    private static final Endpoint OF_THE_PAST = new Endpoint(
            VERTX, tls(AUTHORITY.issue("expired", HOST, Instant.now().minus(Duration.ofHours(1)))));
    private static final Endpoint ANOTHER = new Endpoint(VERTX, tls(AUTHORITY.issue("elsewhere.test")));
    private static final Endpoint OLD =
            new Endpoint(VERTX, tls(CERTIFICATE).setEnabledSecureTransportProtocols(Set.of("TLSv1.2")));
    private static final Endpoint SLOW = new Endpoint(VERTX, tls(CERTIFICATE));
    private static final Endpoint WITHOUT_HTTP2 =
            new Endpoint(VERTX, tls(CERTIFICATE).setUseAlpn(false));
    private static final Endpoint MUTUAL = new Endpoint(VERTX, mutual(CERTIFICATE, AUTHORITY));
    private static final Endpoint ROTATED =
            new Endpoint(VERTX, mutual(NEXT_AUTHORITY.issue("next", HOST, tomorrow()), NEXT_AUTHORITY));
    private static final Endpoint BEFORE_ROTATION = new Endpoint(VERTX, mutual(CERTIFICATE, AUTHORITY));

    private static EmbeddedRedis redis;
    private static Gateway gateway;
    private static ApiClient publisher;

    @BeforeAll
    static void start() throws IOException {
        put(AUTHORITY, GATEWAY);
        Map<String, String> settings = new HashMap<>(Map.of(
                "sluice.api.keys.app.sha256", ApiClient.sha256(KEY),
                "sluice.api.keys.app.roles", "publish",
                "sluice.publish.ordering-key", "/data/orderId",
                "sluice.policies.default.timeout", "20s",
                "sluice.policies.default.connect-timeout", "20s",
                "sluice.policies.default.retry.initial", "100ms",
                "sluice.policies.default.retry.max-delay", "400ms",
                "quarkus.tls.private.trust-store.pem.certs",
                        AUTHORITY.certificate().toString(),
                "quarkus.tls.older.trust-store.pem.certs",
                        AUTHORITY.certificate().toString(),
                "quarkus.tls.older.protocols", "TLSv1.3,TLSv1.2"));
        identify(settings, "mutual", AUTHORITY.certificate(), GATEWAY.certificate(), GATEWAY.key());
        identify(
                settings,
                "rotating",
                ROTATING.resolve("ca.pem"),
                ROTATING.resolve("gateway.pem"),
                ROTATING.resolve("gateway.key"));
        settings.put("quarkus.tls.rotating.reload-period", "500ms");
        settings.put("quarkus.tls.older.alpn", "false");
        target(settings, "trusted", TRUSTED, "private");
        target(settings, "neighbour", TRUSTED, "private");
        target(settings, "expired", OF_THE_PAST, "private");
        target(settings, "misnamed", ANOTHER, "private");
        target(settings, "old", OLD, "private");
        target(settings, "older", OLD, "older");
        target(settings, "hasty", SLOW, "private");
        target(settings, "patient", SLOW, "private");
        settings.put("sluice.targets.hasty.timeout", "500ms");
        target(settings, "http1", WITHOUT_HTTP2, "private");
        target(settings, "nobody", MUTUAL, "private");
        target(settings, "mutual", MUTUAL, "mutual");
        target(settings, "rotated", ROTATED, "rotating");
        target(settings, "before", BEFORE_ROTATION, "rotating");
        settings.put("sluice.targets.stranger.url", TRUSTED.url("/stranger"));
        settings.put("sluice.targets.stranger.events", "stranger");
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        publisher = new ApiClient(gateway, KEY);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aTargetOfAPrivateAuthorityIsTrustedWhereThatIsSaidAndSpokenToInHttp2() {
        for (int number = 0; number < 5; number++) {
            publisher.publish("trusted", "o", number);
            publisher.publish("neighbour", "o", number);
        }
        for (String name : Set.of("trusted", "neighbour")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(received(TRUSTED, name))
                            .extracting(Received::number)
                            .containsExactly(0, 1, 2, 3, 4));
            assertThat(received(TRUSTED, name)).extracting(Received::version).containsOnly(HttpVersion.HTTP_2);
        }
        // Not one for each target or event: as many as were under way at first.
        assertThat(TRUSTED.connections()).isLessThanOrEqualTo(2);
    }

    @Test
    void anAttemptThatTakesTooLongIsResetAndTheOthersOfItsConnectionGoOn() {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        SLOW.answeringLater(request -> answer);
        publisher.publish("patient", "o", 0);
        await().atMost(PATIENCE).until(() -> SLOW.count() == 1);
        publisher.publish("hasty", "o", 0);
        await().atMost(PATIENCE).until(() -> attempts("hasty") > 1);
        answer.complete(200);
        await().atMost(PATIENCE).until(() -> gateway.metric(deliveries("hasty", "delivered")) == 1);
        await().atMost(PATIENCE).until(() -> gateway.metric(deliveries("patient", "delivered")) == 1);
        assertThat(attempts("patient")).isZero();
        assertThat(SLOW.connections()).isEqualTo(1);
    }

    @Test
    void oneThatDoesNotSpeakHttp2IsSpokenToInHttp11() {
        publisher.publish("http1", "o", 0);
        await().atMost(PATIENCE).until(() -> WITHOUT_HTTP2.count() == 1);
        assertThat(WITHOUT_HTTP2.only().version()).isEqualTo(HttpVersion.HTTP_1_1);
    }

    @Test
    void aPrivateAuthorityIsNotTrustedElsewhere() {
        assertNotSent("stranger", "unable to find valid certification path");
        assertThat(received(TRUSTED, "stranger")).isEmpty();
    }

    @Test
    void anExpiredCertificateIsRefused() {
        assertNotSent("expired", "NotAfter: ");
        assertThat(OF_THE_PAST.received()).isEmpty();
    }

    @Test
    void aCertificateForAnotherHostIsRefused() {
        assertNotSent("misnamed", "No subject alternative names matching IP address 127.0.0.1 found");
        assertThat(ANOTHER.received()).isEmpty();
    }

    @Test
    void anOldProtocolIsSpokenOnlyWhereItIsAllowed() {
        assertNotSent("old", "protocol_version");
        publisher.publish("older", "o", 0);
        await().atMost(PATIENCE).until(() -> OLD.count() == 1);
        assertThat(received(OLD, "older")).extracting(Received::version).containsExactly(HttpVersion.HTTP_1_1);
    }

    @Test
    void aTargetThatWantsToKnowWhoTheGatewayIsIsToldWithACertificate() {
        assertNotSent("nobody", "");
        assertThat(received(MUTUAL, "nobody")).isEmpty();
        publisher.publish("mutual", "o", 0);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(received(MUTUAL, "mutual")).hasSize(1));
    }

    @Test
    void filesThatAreReplacedAreUsedForNewConnectionsAndWhatIsUnderWayGoesOn() throws IOException {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        BEFORE_ROTATION.answeringLater(request -> answer);
        publisher.publish("before", "o", 0);
        await().atMost(PATIENCE).until(() -> BEFORE_ROTATION.count() == 1);
        publisher.publish("rotated", "o", 0);
        await().atMost(PATIENCE).until(() -> attempts("rotated") > 0);

        put(NEXT_AUTHORITY, NEXT_AUTHORITY.issue("gateway"));
        await().atMost(PATIENCE).until(() -> ROTATED.count() > 0);
        answer.complete(200);
        await().atMost(PATIENCE).until(() -> gateway.metric(deliveries("before", "delivered")) == 1);
        assertThat(BEFORE_ROTATION.count()).isEqualTo(1);
    }

    /** It is tried, again and again, and each time fails for this reason before anything is sent. */
    private static void assertNotSent(String name, String reason) {
        String event = publisher.publish(name, "o", 0).text("id");
        await().atMost(PATIENCE).until(() -> attempts(name) > 1);
        assertThat(publisher.get("/events/" + event).body()).contains(reason);
    }

    private static double attempts(String name) {
        return gateway.metric(deliveries(name, "failed"));
    }

    private static String deliveries(String name, String outcome) {
        return "sluice_deliveries_total{outcome=\"" + outcome + "\",target=\"" + name + "\"}";
    }

    private static Iterable<Received> received(Endpoint endpoint, String name) {
        return endpoint.received().stream()
                .filter(request -> request.path().equals("/" + name))
                .toList();
    }

    private static void target(Map<String, String> settings, String name, Endpoint endpoint, String tls) {
        settings.put("sluice.targets." + name + ".url", endpoint.url("/" + name));
        settings.put("sluice.targets." + name + ".events", name);
        settings.put("sluice.targets." + name + ".tls", tls);
    }

    private static void identify(Map<String, String> settings, String name, Path trusted, Path certificate, Path key) {
        settings.put("quarkus.tls." + name + ".trust-store.pem.certs", trusted.toString());
        settings.put("quarkus.tls." + name + ".key-store.pem.0.cert", certificate.toString());
        settings.put("quarkus.tls." + name + ".key-store.pem.0.key", key.toString());
    }

    /** Puts files in the places of those that are there, each at once. */
    private static void put(Authority trusted, Issued own) throws IOException {
        Files.createDirectories(ROTATING);
        for (Map.Entry<String, Path> file : Map.of(
                        "ca.pem", trusted.certificate(), "gateway.pem", own.certificate(), "gateway.key", own.key())
                .entrySet()) {
            Path beside = ROTATING.resolve(file.getKey() + ".new");
            Files.copy(file.getValue(), beside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(beside, ROTATING.resolve(file.getKey()), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static HttpServerOptions mutual(Issued certificate, Authority trusted) {
        return tls(certificate)
                .setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(
                        new PemTrustOptions().addCertPath(trusted.certificate().toString()));
    }

    private static HttpServerOptions tls(Issued certificate) {
        return new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(certificate.certificate().toString())
                        .addKeyPath(certificate.key().toString()));
    }

    private static Instant tomorrow() {
        return Instant.now().plus(Duration.ofDays(1));
    }
}
