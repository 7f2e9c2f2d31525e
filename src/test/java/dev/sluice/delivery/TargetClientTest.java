package dev.sluice.delivery;

import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.Authority;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection is opened to an address, and what is at its other end is still known by its name. */
class TargetClientTest {
    private static final Authority AUTHORITY = new Authority(Path.of("target", "tls", "target-client"), "authority");
    private static final Authority.Issued CERTIFICATE = AUTHORITY.issue("hooks.test");
    private static final int STREAMS = 4;

    private final Queue<HttpConnection> connections = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private Vertx vertx;
    private HttpServer server;
    private TargetClient client;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx(new VertxOptions()
                .setAddressResolverOptions(new AddressResolverOptions()
                        .setHostsValue(Buffer.buffer("127.0.0.1 hooks.test\n127.0.0.1 others.test\n"))));
        server = server(new HttpServerOptions()
                .setUseAlpn(true)
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(STREAMS)));
        client = new TargetClient(
                vertx.createHttpClient(TargetClients.secure(10)
                        .setTrustOptions(new PemTrustOptions()
                                .addCertPath(AUTHORITY.certificate().toString()))),
                new TargetAddresses(vertx, new AddressGuard(List.of("127.0.0.1")), true));
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
    }

    @Test
    void aGuardedTargetIsAskedForByItsName() throws Exception {
        assertThat(answer("hooks.test")).isEqualTo("HTTP_2 hooks.test:" + server.actualPort());
    }

    @Test
    void aGuardedTargetWhoseCertificateIsForAnotherNameIsNotSentTo() {
        assertThatThrownBy(() -> answer("others.test"))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void whereHttp2IsOfferedManyRequestsShareAConnection() throws Exception {
        answer("hooks.test");
        List<Future<HttpClientRequest>> atOnce =
                IntStream.range(0, STREAMS).mapToObj(i -> open("hooks.test")).toList();
        for (Future<HttpClientRequest> request : atOnce) {
            assertThat(get(request.compose(HttpClientRequest::send)).statusCode())
                    .isEqualTo(200);
        }
        assertThat(connections).hasSize(1);
    }

    @Test
    void whereItIsNotHttp11IsSpoken() throws Exception {
        server.close();
        server = server(new HttpServerOptions().setUseAlpn(false));
        assertThat(answer("hooks.test")).startsWith("HTTP_1_1");
    }

    @Test
    void aRequestThatIsGivenUpBeforeItIsWrittenKeepsNoPlaceAndCutsNobodyOff() throws Exception {
        HttpClientRequest underWay = get(open("hooks.test"));
        underWay.setChunked(true).sendHead();
        for (int i = 0; i < 2 * STREAMS; i++) {
            TargetClient.abandon(get(open("hooks.test")).exceptionHandler(expected -> {}));
        }
        assertThat(get(underWay.send("late")).statusCode()).isEqualTo(200);
        await().atMost(10, SECONDS)
                .untilAsserted(() -> assertThat(answer("hooks.test")).startsWith("HTTP_2"));
        await().atMost(10, SECONDS).until(() -> connections.size() <= 1);
    }

    @Test
    void aConnectionThatSaysGoodByeFinishesWhatIsUnderWayAndAnotherTakesTheRest() throws Exception {
        HttpClientRequest underWay = get(open("hooks.test"));
        underWay.setChunked(true).sendHead();
        await().atMost(10, SECONDS).until(() -> requests.get() == 1);
        Future<Void> gone = connections.element().shutdown(1, MINUTES);
        await().atMost(10, SECONDS).ignoreExceptions().untilAsserted(() -> {
            assertThat(answer("hooks.test")).startsWith("HTTP_2");
            assertThat(connections).hasSize(2);
        });
        assertThat(get(underWay.send("late")).statusCode()).isEqualTo(200);
        get(gone);
    }

    @Test
    void aConnectionThatIsDeadIsLeftWhenARequestIsNotAnswered() throws Exception {
        try (Silencer silencer = new Silencer()) {
            RequestOptions options = new RequestOptions().setAbsoluteURI("https://hooks.test:" + silencer.port() + "/");
            get(client.anywhere(new RequestOptions(options)).compose(HttpClientRequest::send));
            silencer.silence();
            HttpClientRequest unanswered = get(client.anywhere(new RequestOptions(options)));
            unanswered.send();
            TargetClient.doubt(unanswered);
            await().ignoreExceptions()
                    .atMost(10, SECONDS)
                    .until(() -> client.anywhere(new RequestOptions(options))
                                    .compose(HttpClientRequest::send)
                                    .toCompletionStage()
                                    .toCompletableFuture()
                                    .get(10, SECONDS)
                                    .statusCode()
                            == 200);
        }
    }

    @Test
    void oneThatLivesIsKept() throws Exception {
        HttpClientRequest slow = get(open("hooks.test"));
        slow.setChunked(true).sendHead();
        for (int i = 0; i < 50; i++) {
            TargetClient.doubt(slow);
        }
        assertThat(get(vertx.timer(4, SECONDS).compose(nothing -> slow.send())).statusCode())
                .isEqualTo(200);
        assertThat(connections).hasSize(1);
    }

    private String answer(String host) throws Exception {
        return get(open(host).compose(HttpClientRequest::send).compose(response -> response.body()))
                .toString();
    }

    private Future<HttpClientRequest> open(String host) {
        return client.guarded(new RequestOptions().setAbsoluteURI("https://" + host + ":" + server.actualPort() + "/"));
    }

    private HttpServer server(HttpServerOptions options) throws Exception {
        return get(vertx.createHttpServer(options.setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .addCertPath(CERTIFICATE.certificate().toString())
                                .addKeyPath(CERTIFICATE.key().toString())))
                .connectionHandler(connection -> {
                    connections.add(connection);
                    connection.closeHandler(nothing -> connections.remove(connection));
                })
                .requestHandler(this::tellWhatWasAskedFor)
                .listen(0, "127.0.0.1"));
    }

    private void tellWhatWasAskedFor(HttpServerRequest request) {
        requests.incrementAndGet();
        String asked = request.version() + " " + request.authority();
        // Not at once: a server that has said good-bye closes the connection before it writes what is answered so.
        request.end(ended -> vertx.runOnContext(later -> request.response().end(asked)));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, SECONDS);
    }

    /** Hands bytes through to the server, until its connections go silent; new ones work. */
    private final class Silencer implements AutoCloseable {
        private final NetServer proxy;
        private volatile int generation;

        Silencer() throws Exception {
            proxy = get(vertx.createNetServer().connectHandler(this::connected).listen(0, "127.0.0.1"));
        }

        int port() {
            return proxy.actualPort();
        }

        void silence() {
            generation++;
        }

        @Override
        public void close() {
            proxy.close();
        }

        private void connected(NetSocket near) {
            int mine = generation;
            near.pause();
            vertx.createNetClient().connect(server.actualPort(), "127.0.0.1").onSuccess(far -> {
                near.handler(bytes -> pass(bytes, far, mine));
                far.handler(bytes -> pass(bytes, near, mine));
                near.resume();
            });
        }

        private void pass(Buffer bytes, NetSocket to, int mine) {
            if (mine == generation) {
                to.write(bytes);
            }
        }
    }
}
