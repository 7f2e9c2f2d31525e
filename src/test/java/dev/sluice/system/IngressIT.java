package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way in, byte by byte: what senders do that is no event. The gateway has room for 11 MB of events that are not answered yet. */
class IngressIT {
    private static final Path DIRECTORY = Path.of("target", "system", "ingress");
    private static final int MEGABYTE = 1 << 20;

    /** More than there is room for, a megabyte each. */
    private static final int MANY = 50;

    /** So long a body may take to arrive. */
    private static final Duration TIME_FOR_BODY = Duration.ofSeconds(30);

    private static final Vertx VERTX = Vertx.vertx();

    private static EmbeddedRedis redis;
    private Gateway gateway;

    @BeforeAll
    static void startRedis() {
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    /** One for each test: senders that have left may still be read from when the next one begins. */
    @BeforeEach
    void start() {
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), Shop.settings(Map.of(), "1s"));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void bodiesThatTurnOutTooLargeLeaveNothingBehind() throws IOException {
        for (int i = 0; i < MANY; i++) {
            try (Socket sender = connect()) {
                head(sender, "Transfer-Encoding: chunked");
                chunk(sender, MEGABYTE);
                chunk(sender, 1);
                assertThat(answer(sender)).startsWith("HTTP/1.1 413 ").contains("urn:sluice:too-large");
            }
        }
        assertAccepted("too-large");
    }

    @Test
    void sendersThatLeaveInTheMiddleLeaveNothingBehind() throws IOException {
        for (int i = 0; i < MANY; i++) {
            try (Socket sender = connect()) {
                head(sender, "Content-Length: " + MEGABYTE);
                sender.getOutputStream().write(new byte[MEGABYTE - 1]);
            }
        }
        await().untilAsserted(() -> assertAccepted("left"));
    }

    @Test
    void whatIsAnsweredLeavesNothingBehind() throws IOException {
        for (int i = 0; i < MANY; i++) {
            try (Socket sender = connect()) {
                head(sender, "Content-Length: " + MEGABYTE);
                sender.getOutputStream().write(new byte[MEGABYTE]);
                assertThat(answer(sender)).startsWith("HTTP/1.1 401 ");
            }
        }
        assertAccepted("answered");
    }

    @Test
    void moreThanThereIsRoomForIsAnsweredToComeAgain() throws IOException {
        List<Socket> senders = stallingSenders();
        await().until(() -> busy() > 0);
        for (Socket sender : senders) {
            sender.close();
        }
        await().untilAsserted(() -> assertAccepted("room"));
    }

    @Test
    void sendersThatStallKeepOthersOutForSoLongOnly() throws IOException {
        List<Socket> senders = stallingSenders();
        await().until(() -> busy() > 0);
        await().atMost(TIME_FOR_BODY.plus(PATIENCE)).untilAsserted(() -> assertAccepted("stalled"));
        List<String> answers = new ArrayList<>();
        for (Socket sender : senders) {
            answers.add(answer(sender));
            sender.close();
        }
        assertThat(answers)
                .anySatisfy(late -> assertThat(late).startsWith("HTTP/1.1 408 ").contains("urn:sluice:late"));
        assertThat(answers).anySatisfy(busy -> assertThat(busy).startsWith("HTTP/1.1 503 "));
    }

    /** Others share its connection. */
    @Test
    void overHttp2WhatIsTooLargeEndsItsOwnStreamOnly() {
        HttpClient client = VERTX.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(1));
        byte[] body = new Message("http2", 0).body();
        Buffer first = Buffer.buffer(body).slice(0, 1);
        HttpClientRequest slow = request(client)
                .putHeader("Content-Length", Integer.toString(body.length))
                .putHeader("X-Signature", RecordingTarget.sign(Shop.SECRET, body));
        result(slow.write(first));
        HttpClientRequest large = request(client).putHeader("Content-Length", Integer.toString(MEGABYTE + 1));
        result(large.sendHead());
        assertThat(result(large.response()).statusCode()).isEqualTo(413);

        result(slow.end(Buffer.buffer(body).slice(1, body.length)));
        assertThat(result(slow.response()).statusCode()).isEqualTo(200);
    }

    private HttpClientRequest request(HttpClient client) {
        URI in = gateway.in("shop");
        return result(client.request(HttpMethod.POST, in.getPort(), in.getHost(), in.getPath()));
    }

    private static <T> T result(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void whoAsksWhetherToGoOnIsToldSo() throws IOException {
        try (Socket sender = connect()) {
            byte[] body = new Message("expect", 0).body();
            head(
                    sender,
                    "Content-Length: " + body.length,
                    "Expect: 100-continue",
                    "X-Signature: " + RecordingTarget.sign(Shop.SECRET, body));
            assertThat(answer(sender)).startsWith("HTTP/1.1 100 ");
            sender.getOutputStream().write(body);
            assertThat(answer(sender)).startsWith("HTTP/1.1 200 ");
        }
        try (Socket sender = connect()) {
            head(sender, "Content-Length: " + (MEGABYTE + 1), "Expect: 100-continue");
            assertThat(answer(sender)).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void onlyPostIsTaken() throws IOException {
        assertThat(answerTo("OPTIONS")).startsWith("HTTP/1.1 200 ").contains("Allow: OPTIONS, POST");
        assertThat(answerTo("GET")).startsWith("HTTP/1.1 405 ").contains("Allow: POST");
    }

    /** Each keeps the last byte to itself. */
    private List<Socket> stallingSenders() throws IOException {
        List<Socket> senders = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Socket sender = connect();
            senders.add(sender);
            head(sender, "Content-Length: " + MEGABYTE);
            sender.getOutputStream().write(new byte[MEGABYTE - 1]);
        }
        return senders;
    }

    /** As large as it may be: for something small there is room for longer. */
    private void assertAccepted(String entity) throws IOException {
        byte[] event = new Message(entity, 0).body();
        byte[] body = Arrays.copyOf(event, MEGABYTE);
        Arrays.fill(body, event.length, body.length, (byte) ' ');
        try (Socket sender = connect()) {
            head(sender, "Content-Length: " + body.length, "X-Signature: " + RecordingTarget.sign(Shop.SECRET, body));
            sender.getOutputStream().write(body);
            assertThat(answer(sender)).startsWith("HTTP/1.1 200 ");
        }
    }

    private double busy() {
        return gateway.metric("sluice_events_total{reason=\"busy\",result=\"rejected\",source=\"shop\"}");
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", gateway.in("shop").getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private String answerTo(String method) throws IOException {
        try (Socket sender = connect()) {
            sender.getOutputStream()
                    .write((method + " /in/shop HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return answer(sender);
        }
    }

    private static void head(Socket sender, String... headers) throws IOException {
        sender.getOutputStream()
                .write(("POST /in/shop HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private static void chunk(Socket sender, int length) throws IOException {
        OutputStream out = sender.getOutputStream();
        out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(new byte[length]);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** What comes next, which is one answer and comes at once. */
    private static String answer(Socket sender) throws IOException {
        InputStream in = sender.getInputStream();
        byte[] answer = new byte[4_096];
        int length = in.read(answer);
        return length < 0 ? "" : new String(answer, 0, length, StandardCharsets.US_ASCII);
    }
}
