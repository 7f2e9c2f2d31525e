package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection is opened to an address, and what is at its other end is still known by its name. */
class TargetClientTest {
    private static final String PASSWORD = "changeit";

    private Vertx vertx;
    private HttpServer server;
    private TargetClient client;

    @BeforeEach
    void start() throws Exception {
        PfxOptions certificate =
                new PfxOptions().setPath(certificate("hooks.test").toString()).setPassword(PASSWORD);
        vertx = Vertx.vertx(new VertxOptions()
                .setAddressResolverOptions(new AddressResolverOptions()
                        .setHostsValue(Buffer.buffer("127.0.0.1 hooks.test\n127.0.0.1 others.test\n"))));
        server = vertx.createHttpServer(new HttpServerOptions().setSsl(true).setPfxKeyCertOptions(certificate))
                .requestHandler(request -> request.response().end(request.getHeader("Host")))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        client = new TargetClient(
                vertx.createHttpClient(new HttpClientOptions().setPfxTrustOptions(certificate)),
                new TargetAddresses(vertx, new AddressGuard(List.of("127.0.0.1"))));
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aGuardedTargetIsAskedForByItsName() throws Exception {
        assertThat(answer("hooks.test")).isEqualTo("hooks.test:" + server.actualPort());
    }

    @Test
    void aGuardedTargetWhoseCertificateIsForAnotherNameIsNotSentTo() {
        assertThatThrownBy(() -> answer("others.test"))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SSLHandshakeException.class);
    }

    private String answer(String host) throws Exception {
        return client.guarded(new RequestOptions().setAbsoluteURI("https://" + host + ":" + server.actualPort() + "/"))
                .compose(HttpClientRequest::send)
                .compose(response -> response.body())
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .toString();
    }

    private static Path certificate(String name) throws Exception {
        Path store = Files.createDirectories(Path.of("target", "tls")).resolve(name + ".p12");
        Files.deleteIfExists(store);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD,
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + name)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        return store;
    }
}
