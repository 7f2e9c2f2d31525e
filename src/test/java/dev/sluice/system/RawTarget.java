package dev.sluice.system;

import dev.sluice.system.Endpoint.Received;
import io.vertx.core.http.HttpVersion;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** A target on a plain socket, which answers each request with whatever bytes it is told to. Keeps what came, and how. */
final class RawTarget implements AutoCloseable {
    /** An answer like any other. */
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static final int BACKLOG = 100;

    private final ServerSocket server;
    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<Socket> open = new ArrayList<>();
    private int connections;
    private volatile Script script;

    /** How a request is answered. The connection is closed when this fails, and else read on. */
    interface Script {
        void answer(Exchange exchange) throws IOException;
    }

    /**
     * One request, and the connection that it came over.
     *
     * @param connection the number of the connection, from 1
     * @param turn the request's number among those of its connection, from 1
     */
    record Exchange(int connection, int turn, Received request, Socket socket) {
        Exchange write(String text) throws IOException {
            return write(text.getBytes(StandardCharsets.UTF_8));
        }

        Exchange write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            return this;
        }

        /** One byte at a time. */
        void drip(String text, Duration pause) throws IOException {
            for (byte drop : text.getBytes(StandardCharsets.UTF_8)) {
                write(new byte[] {drop});
                LockSupport.parkNanos(pause.toNanos());
            }
        }

        /** The same over and over, until the other side has had enough or it was so much; tells how much went out. */
        long flood(String text, long most) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            long written = 0;
            try {
                while (written < most) {
                    write(bytes);
                    written += bytes.length;
                }
            } catch (IOException enough) {
                // As it is meant to be.
            }
            return written;
        }

        /** Resets the connection. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        void close() throws IOException {
            socket.close();
        }
    }

    RawTarget(Script script) {
        this.script = script;
        try {
            server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        start("accept", this::accept);
    }

    /** Answers every request with this text. */
    RawTarget(String answer) {
        this(exchange -> exchange.write(answer));
    }

    /** From the next request on. */
    void answering(Script other) {
        script = other;
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/hook";
    }

    List<Exchange> exchanges() {
        synchronized (exchanges) {
            return List.copyOf(exchanges);
        }
    }

    int count() {
        return exchanges().size();
    }

    /** How many connections there have been. */
    int connections() {
        synchronized (exchanges) {
            return connections;
        }
    }

    /** How many of the connections nobody has closed. */
    int open() {
        synchronized (exchanges) {
            return open.size();
        }
    }

    /** The numbers in what came, in the order of its coming, each as often as it came. */
    List<Integer> numbers() {
        return exchanges().stream().map(each -> each.request().number()).toList();
    }

    /** Which attempts came, in the order of their coming. */
    List<String> attempts() {
        return exchanges().stream()
                .map(each -> each.request().header("Webhook-Attempt"))
                .toList();
    }

    @Override
    public void close() {
        try {
            server.close();
            List<Socket> left;
            synchronized (exchanges) {
                left = List.copyOf(open);
            }
            for (Closeable socket : left) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true);
            int number;
            synchronized (exchanges) {
                open.add(socket);
                connections++;
                number = connections;
            }
            start("connection " + number, () -> serve(socket, number));
        }
    }

    private void serve(Socket socket, int connection) throws IOException {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            int turn = 0;
            for (Received request = read(in); request != null; request = read(in)) {
                turn++;
                Exchange exchange = new Exchange(connection, turn, request, socket);
                synchronized (exchanges) {
                    exchanges.add(exchange);
                }
                script.answer(exchange);
            }
        } finally {
            synchronized (exchanges) {
                open.remove(socket);
            }
        }
    }

    /** The next request; null when there is none any more. */
    private static Received read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.write(next);
        }
        String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r\n");
        Map<String, List<String>> headers = Arrays.stream(lines, 1, lines.length)
                .map(line -> line.split(": ?", 2))
                .collect(Collectors.groupingBy(
                        header -> header[0], Collectors.mapping(header -> header[1], Collectors.toList())));
        HttpHeaders all = HttpHeaders.of(headers, (name, value) -> true);
        byte[] body = in.readNBytes((int) all.firstValueAsLong("Content-Length").orElse(0));
        return new Received(
                lines[0].split(" ")[1],
                "",
                all,
                new String(body, StandardCharsets.UTF_8),
                System.nanoTime(),
                HttpVersion.HTTP_1_1);
    }

    /** Something that ends with its socket. */
    private interface Work {
        void run() throws IOException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException ended) {
                        // As all connections do.
                    }
                },
                "raw target: " + name);
        thread.setDaemon(true);
        thread.start();
    }
}
