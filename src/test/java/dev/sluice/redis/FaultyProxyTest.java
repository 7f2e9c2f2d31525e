package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The faults of the proxy, as those on both of its sides see them. */
class FaultyProxyTest {
    private static Vertx vertx;
    private static EmbeddedRedis redis;

    private final String key = UUID.randomUUID().toString();
    private FaultyProxy proxy;
    private Wire behind;

    @BeforeAll
    static void startRedis() {
        vertx = Vertx.vertx();
        redis = EmbeddedRedis.start(Path.of("target", "test-redis", "proxied"), "--save", "");
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void openProxy() throws IOException {
        proxy = new FaultyProxy(vertx, redis.port());
        behind = new Wire(redis.port());
    }

    @AfterEach
    void closeProxy() throws IOException {
        behind.close();
        proxy.close();
    }

    @Test
    void manyConnectionsGetAllTheirAnswersInOrder() throws IOException {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            wires.add(new Wire(proxy.port()));
        }
        String requests = lines("ECHO ", 2_000);
        for (Wire wire : wires) {
            wire.send(requests);
        }
        for (Wire wire : wires) {
            for (int i = 0; i < 2_000; i++) {
                assertThat(wire.read()).startsWith("$");
                assertThat(wire.read()).isEqualTo(Integer.toString(i));
            }
            wire.close();
        }
    }

    @Test
    void whatDoesNotFitIntoBuffersArrivesWhole() throws IOException {
        String large = "x".repeat(1 << 20);
        behind.send("*3\r\n$3\r\nSET\r\n$36\r\n" + key + "\r\n$" + large.length() + "\r\n" + large);
        assertThat(behind.read()).isEqualTo("+OK");
        try (Wire wire = new Wire(proxy.port())) {
            wire.send(("GET " + key + "\r\n").repeat(40).strip());
            for (int i = 0; i < 40; i++) {
                assertThat(wire.read()).isEqualTo("$" + large.length());
                assertThat(wire.read()).isEqualTo(large);
            }
        }
    }

    @Test
    void anEndOfEitherSideIsPassedOn() throws IOException {
        try (Wire wire = new Wire(proxy.port())) {
            wire.send("QUIT");
            assertThat(wire.read()).isEqualTo("+OK");
            assertThat(wire.read()).isNull();
        }
        try (Wire wire = new Wire(proxy.port())) {
            wire.send("CLIENT SETNAME " + key);
            assertThat(wire.read()).isEqualTo("+OK");
            assertThat(isConnected(key)).isTrue();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> !isConnected(key));
    }

    @Test
    void cutConnectionsEndAndNewOnesWork() throws IOException {
        try (Wire cut = new Wire(proxy.port())) {
            assertThat(cut.ask("PING")).isEqualTo("+PONG");
            proxy.cut();
            assertThat(cut.read()).isNull();
        }
        assertThat(askAnew("PING")).isEqualTo("+PONG");
    }

    @Test
    void nobodyListensWhileConnectionsAreRefused() throws IOException {
        try (Wire present = new Wire(proxy.port())) {
            assertThat(present.ask("PING")).isEqualTo("+PONG");
            proxy.refuse();
            assertThat(present.read()).isNull();
        }
        assertThatThrownBy(() -> new Wire(proxy.port())).isInstanceOf(ConnectException.class);
        proxy.refuse();
        assertThatThrownBy(() -> new Wire(proxy.port())).isInstanceOf(ConnectException.class);
        proxy.pass();
        assertThat(askAnew("PING")).isEqualTo("+PONG");
    }

    @Test
    void bothDirectionsAreLate() throws IOException {
        Duration late = Duration.ofMillis(100);
        try (Wire wire = new Wire(proxy.port())) {
            assertThat(wire.ask("PING")).isEqualTo("+PONG");
            proxy.delay(late);
            long before = System.nanoTime();
            assertThat(wire.ask("PING")).isEqualTo("+PONG");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(late.multipliedBy(2));
        }
    }

    @Test
    void aDelayThatChangesLetsNothingOvertake() throws IOException {
        try (Wire wire = new Wire(proxy.port())) {
            for (int i = 0; i < 60; i++) {
                proxy.delay(Duration.ofMillis(60 - i));
                wire.send("ECHO " + i);
            }
            proxy.pass();
            wire.send("ECHO 60");
            for (int i = 0; i <= 60; i++) {
                assertThat(wire.read()).startsWith("$");
                assertThat(wire.read()).isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test
    void whatABlackholeSwallowedNeverArrives() throws IOException {
        try (Wire old = new Wire(proxy.port())) {
            assertThat(old.ask("CLIENT SETNAME " + key)).isEqualTo("+OK");
            proxy.blackhole();
            try (Wire fresh = new Wire(proxy.port())) {
                old.send("SET " + key + " old");
                fresh.send("SET " + key + " fresh");
                assertSilent(old);
                assertSilent(fresh);
                assertThat(isConnected(key)).isTrue();
                proxy.pass();
                assertThat(old.read()).isNull();
                assertThat(fresh.read()).isNull();
            }
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> !isConnected(key));
        assertThat(askAnew("GET " + key)).isEqualTo("$-1");
    }

    @Test
    void inABlackholeNeitherSideHearsThatTheOtherEnded() throws IOException {
        try (Wire wire = new Wire(proxy.port())) {
            assertThat(wire.ask("CLIENT SETNAME " + key)).isEqualTo("+OK");
            proxy.blackhole();
        }
        try (Wire wire = new Wire(proxy.port())) {
            assertSilent(wire);
        }
        assertThat(isConnected(key)).isTrue();
        proxy.pass();
        await().atMost(Duration.ofSeconds(10)).until(() -> !isConnected(key));
    }

    @Test
    void requestsArriveWhoseAnswersAreLost() throws IOException {
        try (Wire idle = new Wire(proxy.port());
                Wire wire = new Wire(proxy.port())) {
            assertThat(idle.ask("PING")).isEqualTo("+PONG");
            proxy.loseAnswers();
            wire.send("SET " + key + " 1");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> behind.ask("EXISTS " + key).equals(":1"));
            wire.send("DEL " + key);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> behind.ask("EXISTS " + key).equals(":0"));
            proxy.pass();
            assertThat(wire.read()).isNull();
            assertThat(idle.ask("PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void connectionsGoSilentWhileNewOnesWork() throws IOException {
        try (Wire wire = new Wire(proxy.port())) {
            assertThat(wire.ask("PING")).isEqualTo("+PONG");
            proxy.silence();
            wire.send("SET " + key + " 1");
            assertThat(askAnew("PING")).isEqualTo("+PONG");
            assertSilent(wire);
            assertThat(behind.ask("EXISTS " + key)).isEqualTo(":0");
        }
    }

    @Test
    void newConnectionsLeadToAnotherPort() throws IOException {
        try (EmbeddedRedis another = EmbeddedRedis.start(Path.of("target", "test-redis", "proxied-2"), "--save", "");
                Wire wire = new Wire(proxy.port())) {
            assertThat(wire.ask("SET " + key + " 1")).isEqualTo("+OK");
            proxy.leadTo(another.port());
            assertThat(wire.ask("EXISTS " + key)).isEqualTo(":1");
            assertThat(askAnew("EXISTS " + key)).isEqualTo(":0");
        }
        try (Wire wire = new Wire(proxy.port())) {
            assertThat(wire.read()).isNull();
        }
    }

    private static String lines(String command, int howMany) {
        return String.join(
                "\r\n", IntStream.range(0, howMany).mapToObj(i -> command + i).toList());
    }

    private boolean isConnected(String name) throws IOException {
        behind.send("CLIENT LIST");
        int length = Integer.parseInt(behind.read().substring(1));
        StringBuilder list = new StringBuilder();
        while (list.length() < length) {
            list.append(behind.read()).append('\n');
        }
        assertThat(behind.read()).isEmpty();
        return list.indexOf("name=" + name) >= 0;
    }

    private String askAnew(String request) throws IOException {
        try (Wire wire = new Wire(proxy.port())) {
            return wire.ask(request);
        }
    }

    private static void assertSilent(Wire wire) throws IOException {
        wire.socket.setSoTimeout(200);
        assertThatThrownBy(wire::read).isInstanceOf(SocketTimeoutException.class);
        wire.socket.setSoTimeout(Wire.DEADLINE_MILLIS);
    }

    /** A bare connection: no client library connects again behind the test's back. */
    private static final class Wire implements AutoCloseable {
        private static final int DEADLINE_MILLIS = 10_000;

        private final Socket socket;
        private final BufferedReader answers;

        Wire(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(DEADLINE_MILLIS);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        }

        void send(String requests) throws IOException {
            socket.getOutputStream().write((requests + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        /** The next line, or null at the end. */
        String read() throws IOException {
            return answers.readLine();
        }

        String ask(String request) throws IOException {
            send(request);
            return read();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
