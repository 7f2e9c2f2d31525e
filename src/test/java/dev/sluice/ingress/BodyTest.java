package dev.sluice.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.ingress.Body.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTest {
    private static final int MOST = 100_000;
    private static final int ROOM = 250_000;

    private final Vertx vertx = Vertx.vertx();
    private final Room room = new Room(ROOM);
    private final Queue<Body> bodies = new ConcurrentLinkedQueue<>();
    private final Queue<Object> told = new ConcurrentLinkedQueue<>();
    private final List<Socket> senders = new ArrayList<>();
    private final HttpServer server = vertx.createHttpServer()
            .requestHandler(request -> {
                Body body = new Body(MOST, room, told::add);
                bodies.add(body);
                body.read(request, told::add);
            })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();

    @AfterEach
    void close() throws IOException {
        for (Socket sender : senders) {
            sender.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2 * 1024, 2 * 1024 + 1, 70_000, MOST})
    void isReadToItsEnd(int length) throws IOException {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        send("Content-Length: " + length, body);
        send("Transfer-Encoding: chunked", chunked(body));
        await().until(() -> told.size() == 2);
        assertThat(told).allSatisfy(whole -> assertThat(whole).isEqualTo(body));
    }

    @Test
    void thatIsTooLargeIsNotRead() throws IOException {
        send("Content-Length: " + (MOST + 1), new byte[0]);
        await().until(() -> told.size() == 1);
        send("Transfer-Encoding: chunked", chunked(new byte[MOST + 1]));
        await().until(() -> told.size() == 2);
        assertThat(told).containsOnly(Refusal.TOO_LARGE);
        assertThat(room.take(ROOM)).as("what was read of it has left").isTrue();
    }

    @Test
    void thatStallsIsNotWaitedForOnceItIsLate() throws IOException {
        send("Content-Length: " + MOST, new byte[MOST - 1]);
        await().until(() -> !isFree());
        bodies.peek().late();
        assertThat(told).containsExactly(Refusal.LATE);
        assertThat(room.take(ROOM)).as("what was read of it has left").isTrue();
    }

    @Test
    void thatIsThereCannotBeLate() throws IOException {
        send("Content-Length: 1", new byte[1]);
        await().until(() -> told.size() == 1);
        bodies.peek().late();
        assertThat(told).containsExactly(new byte[1]);
    }

    /** A sender may say that it will send much, and never do. */
    @Test
    void thatIsNotThereTakesNoRoom() throws IOException {
        for (int i = 0; i < 10; i++) {
            send("Content-Length: " + MOST, new byte[1]);
        }
        await().until(() -> bodies.size() == 10);
        send("Content-Length: 2", new byte[2]);
        await().until(() -> told.size() == 1);
        assertThat(told.peek()).isEqualTo(new byte[2]);
    }

    @Test
    void forWhichThereIsNoRoomIsNotReadUntilOthersHaveLeft() throws IOException {
        for (int i = 0; i < 3; i++) {
            send("Content-Length: " + MOST, new byte[MOST - 1]);
        }
        await().until(() -> told.size() == 1);
        assertThat(told.remove()).isEqualTo(Refusal.NO_ROOM);
        bodies.forEach(Body::leave);
        send("Content-Length: " + MOST, new byte[MOST]);
        await().until(() -> told.size() == 1);
        assertThat((byte[]) told.remove()).hasSize(MOST);
        bodies.forEach(Body::leave);
        assertThat(room.take(ROOM)).isTrue();
    }

    private boolean isFree() {
        boolean free = room.take(ROOM);
        if (free) {
            room.give(ROOM);
        }
        return free;
    }

    private void send(String header, byte[] body) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.actualPort());
        senders.add(socket);
        socket.getOutputStream()
                .write(("POST / HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
    }

    private static byte[] chunked(byte[] body) {
        String chunk = body.length == 0
                ? ""
                : Integer.toHexString(body.length) + "\r\n" + new String(body, StandardCharsets.ISO_8859_1) + "\r\n";
        return (chunk + "0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
