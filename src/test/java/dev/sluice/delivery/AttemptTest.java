package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attempts over TLS and HTTP/2. */
class AttemptTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int STREAMS = 10;

    @TempDir
    private static Path directory;

    private static TestCertificates certificates;
    private static PfxOptions good;

    private final Vertx vertx = Vertx.vertx();
    private final List<HttpServerRequest> requests = new CopyOnWriteArrayList<>();
    private volatile Consumer<HttpServerRequest> behaviour =
            request -> request.response().end();
    private HttpServer server;
    private HttpClient client;

    @BeforeAll
    static void issue() throws Exception {
        certificates = new TestCertificates(directory);
        good = certificates.issue("ip:127.0.0.1", "-1H");
    }

    @BeforeEach
    void start() {
        server = serve(good);
        client = vertx.createHttpClient(new HttpClientOptions()
                .setUseAlpn(true)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setPemTrustOptions(certificates.trust()));
    }

    @AfterEach
    void stop() {
        done(vertx.close());
    }

    @Test
    void aCertificateThatHasExpiredIsAFailure() throws Exception {
        HttpServer expired = serve(certificates.issue("ip:127.0.0.1", "-3d"));
        assertThat(done(send(attempt(), expired)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).startsWith("Failed to create SSL connection: NotAfter"));
        assertThat(requests).isEmpty();
    }

    @Test
    void aCertificateOfAnotherNameIsAFailure() throws Exception {
        HttpServer other = serve(certificates.issue("dns:others.test", "-1H"));
        assertThat(done(send(attempt(), other)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).contains("No subject alternative name"));
        assertThat(requests).isEmpty();
    }

    @Test
    void aRequestThatAGoAwayLeavesTimeForIsAnsweredAndTheNextGoesOverAnotherConnection() {
        done(send(attempt()));
        behaviour = request -> request.connection().shutdown(PATIENCE.toMillis());
        Future<Outcome> underWay = send(attempt());
        await().atMost(PATIENCE).until(() -> requests.size() == 2);
        behaviour = request -> request.response().end();
        // Goes over the old connection only for as long as the client has not heard.
        await().atMost(PATIENCE).until(() -> {
            done(send(attempt()));
            return connections() == 2;
        });
        requests.get(1).response().setStatusCode(503).end("later");
        assertThat(done(underWay))
                .isEqualTo(new Outcome.Failed("HTTP 503", OptionalInt.of(503), Optional.empty(), "later"));
    }

    @Test
    void aRequestThatAGoAwayLeavesOutIsSentAgainAtOnce() {
        done(send(attempt()));
        behaviour = request -> {
            if (requests.size() == 2) {
                request.connection().goAway(0, requests.get(0).streamId());
            } else {
                request.response().end();
            }
        };
        assertThat(done(send(attempt()))).isEqualTo(new Outcome.Delivered(200));
        assertThat(requests).hasSize(3);
        assertThat(connections()).isEqualTo(2);
    }

    @Test
    void whatIsNotSentAfterAllTakesNoPlaceAmongTheStreamsOfAConnection() {
        done(send(attempt()));
        Outcome withheld = new Outcome.Withheld("it is disabled");
        for (int i = 0; i < 2 * STREAMS; i++) {
            assertThat(done(send(new Attempt(client::request, new byte[0], () -> Optional.of(withheld)))))
                    .isEqualTo(withheld);
        }
        assertThat(done(send(attempt()))).isEqualTo(new Outcome.Delivered(200));
        assertThat(requests).hasSize(2);
    }

    @Test
    void aHundredKilobytesOfHeadersAreAFailure() {
        behaviour = request -> {
            for (int i = 0; i < 5_000; i++) {
                request.response().putHeader("x-header-" + i, "some value");
            }
            request.response().end();
        };
        assertThat(done(send(attempt())))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).startsWith("Header size exceeded max allowed size"));
    }

    @Test
    void interimAnswersWithoutEndAreAFailureAndEndTheConnection() {
        done(send(attempt()));
        behaviour = request -> {
            for (int i = 0; i < 100; i++) {
                request.response().writeContinue();
            }
        };
        assertThat(done(send(attempt()))).isEqualTo(Outcome.Failed.because("more than 20 interim answers"));
        assertThat(requests).hasSize(2);
        behaviour = request -> request.response().end();
        done(send(attempt()));
        assertThat(connections()).isEqualTo(2);
    }

    private Attempt attempt() {
        return new Attempt(client::request, new byte[10], Optional::empty);
    }

    private Future<Outcome> send(Attempt attempt) {
        return send(attempt, server);
    }

    private static Future<Outcome> send(Attempt attempt, HttpServer to) {
        return attempt.send(
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setAbsoluteURI("https://127.0.0.1:" + to.actualPort() + "/")
                        .setConnectTimeout(PATIENCE.toMillis() / 2),
                PATIENCE);
    }

    private HttpServer serve(PfxOptions certificate) {
        return done(vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setPfxKeyCertOptions(certificate)
                        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(STREAMS)))
                .requestHandler(request -> {
                    assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
                    requests.add(request);
                    behaviour.accept(request);
                })
                .listen(0, "127.0.0.1"));
    }

    private long connections() {
        return requests.stream().map(HttpServerRequest::connection).distinct().count();
    }

    private static <T> T done(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
