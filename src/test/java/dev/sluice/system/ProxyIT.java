package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.Authority;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Targets behind a proxy, which alone knows where their hosts are. */
class ProxyIT {
    private static final Path DIRECTORY = Path.of("target", "system", "proxy").toAbsolutePath();
    private static final String HOST = "erp.test";
    private static final String KEY = "a-key-that-may-publish";
    private static final String PASSWORD = "pr0xy-passw0rd";
    private static final String WRONG = "wr0ng-passw0rd";
    private static final Vertx VERTX = Vertx.vertx();
    private static final Authority AUTHORITY = new Authority(DIRECTORY, "authority");

    private static EmbeddedRedis redis;
    private static ForwardProxy proxy;
    private static Endpoint secure;
    private static Endpoint plain;
    private static Gateway gateway;
    private static ApiClient publisher;

    @BeforeAll
    static void start() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        proxy = new ForwardProxy(VERTX, "sluice", PASSWORD);
        Authority.Issued certificate = AUTHORITY.issue(HOST);
        secure = new Endpoint(
                VERTX,
                new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .addCertPath(certificate.certificate().toString())
                                .addKeyPath(certificate.key().toString())));
        plain = new Endpoint(VERTX);
        Map<String, String> settings = new HashMap<>(Map.of(
                "sluice.api.keys.app.sha256", ApiClient.sha256(KEY),
                "sluice.api.keys.app.roles", "publish",
                "sluice.publish.ordering-key", "/data/orderId",
                "sluice.policies.default.timeout", "20s",
                "sluice.policies.default.connect-timeout", "20s",
                "sluice.policies.default.retry.initial", "100ms",
                "sluice.policies.default.retry.max-delay", "400ms",
                "quarkus.tls.private.trust-store.pem.certs",
                        AUTHORITY.certificate().toString()));
        proxy(settings, "dmz", PASSWORD);
        proxy(settings, "forgotten", WRONG);
        target(settings, "secure", "https", secure, "dmz");
        target(settings, "plain", "http", plain, "dmz");
        target(settings, "refused", "https", secure, "forgotten");
        target(settings, "refused-in-the-clear", "http", plain, "forgotten");
        settings.put("quarkus.proxy.dmz.non-proxy-hosts", "127.0.0.1");
        settings.put("sluice.targets.near.url", plain.url("/near"));
        settings.put("sluice.targets.near.events", "near");
        settings.put("sluice.targets.near.proxy", "dmz");
        settings.put("sluice.targets.direct.url", plain.url("/direct"));
        settings.put("sluice.targets.direct.events", "direct");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        publisher = new ApiClient(gateway, KEY);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        proxy.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aTargetOverTlsIsReachedThroughATunnelAndKnownByItsName() {
        publisher.publish("secure", "o", 0);
        publisher.publish("secure", "o", 1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(received(secure, "secure"))
                        .extracting(Received::number)
                        .containsExactly(0, 1));
        assertThat(received(secure, "secure")).extracting(Received::version).containsOnly(HttpVersion.HTTP_2);
        assertThat(proxy.asked()).containsOnlyOnce("CONNECT " + HOST + ":" + secure.port());
    }

    @Test
    void oneInTheClearIsAskedForWithItsWholeUrl() {
        publisher.publish("plain", "o", 0);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(received(plain, "plain"))
                        .extracting(request -> request.header("Host"))
                        .containsExactly(HOST + ":" + plain.port()));
        assertThat(proxy.asked()).contains("POST http://" + HOST + ":" + plain.port() + "/plain");
    }

    @Test
    void oneThatNamesNoProxyOrIsNearIsReachedWithoutIt() {
        for (String name : List.of("direct", "near")) {
            publisher.publish(name, "o", 0);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(received(plain, name)).hasSize(1));
            assertThat(proxy.asked()).noneMatch(line -> line.contains(name));
        }
    }

    @Test
    void aProxyThatRefusesIsAFailureThatTellsNoPassword() {
        for (String name : new String[] {"refused", "refused-in-the-clear"}) {
            String event = publisher.publish(name, "o", 0).text("id");
            await().atMost(PATIENCE)
                    .until(() ->
                            gateway.metric("sluice_deliveries_total{outcome=\"failed\",target=\"" + name + "\"}") > 1);
            String told = publisher.get("/events/" + event).body();
            assertThat(told).contains("407");
            assertThat(told + gateway.logged()).doesNotContain(WRONG, PASSWORD);
        }
        assertThat(Stream.of(secure, plain).flatMap(endpoint -> endpoint.received().stream()))
                .noneMatch(request -> request.path().startsWith("/refused"));
    }

    private static Iterable<Received> received(Endpoint endpoint, String name) {
        return endpoint.received().stream()
                .filter(request -> request.path().equals("/" + name))
                .toList();
    }

    private static void proxy(Map<String, String> settings, String name, String password) {
        settings.put("quarkus.proxy." + name + ".host", "127.0.0.1");
        settings.put("quarkus.proxy." + name + ".port", Integer.toString(proxy.port()));
        settings.put("quarkus.proxy." + name + ".username", "sluice");
        settings.put("quarkus.proxy." + name + ".password", password);
    }

    private static void target(
            Map<String, String> settings, String name, String scheme, Endpoint endpoint, String proxy) {
        settings.put("sluice.targets." + name + ".url", scheme + "://" + HOST + ":" + endpoint.port() + "/" + name);
        settings.put("sluice.targets." + name + ".events", name);
        settings.put("sluice.targets." + name + ".proxy", proxy);
        if (scheme.equals("https")) {
            settings.put("sluice.targets." + name + ".tls", "private");
        }
    }
}
