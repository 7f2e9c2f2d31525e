package dev.sluice.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Asks the sink and Redis now and then while something else is measured: what a round trip to each takes on this machine meanwhile, for one who has
 * nothing else to do.
 */
final class Probe implements AutoCloseable {
    private static final Duration PACE = Duration.ofMillis(5);
    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final String END_OF_LINE = "\r\n";

    private final Histogram sink = new Histogram(3);
    private final Histogram redis = new Histogram(3);
    private final Thread thread;
    private volatile boolean isOver;

    /**
     * Begins.
     *
     * @param path of the sink that is asked
     */
    Probe(int sinkPort, String path, int redisPort) {
        byte[] event = ("PUT " + path + " HTTP/1.1\r\nHost: sink\r\nContent-Length: 1024\r\n\r\n" + "x".repeat(1_024))
                .getBytes(StandardCharsets.US_ASCII);
        thread = new Thread(() -> run(sinkPort, event, redisPort), "probe");
        thread.start();
    }

    private void run(int sinkPort, byte[] event, int redisPort) {
        try (Socket toSink = connect(sinkPort);
                Socket toRedis = connect(redisPort)) {
            while (!isOver) {
                sink.recordValue(roundTrip(toSink, event, END_OF_HEAD));
                redis.recordValue(roundTrip(toRedis, PING, END_OF_LINE));
                LockSupport.parkNanos(PACE.toNanos());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static long roundTrip(Socket socket, byte[] question, String end) throws IOException {
        long begun = System.nanoTime();
        socket.getOutputStream().write(question);
        InputStream in = socket.getInputStream();
        byte[] answer = new byte[1_024];
        int length = 0;
        while (!new String(answer, 0, length, StandardCharsets.US_ASCII).endsWith(end)) {
            int read = in.read(answer, length, answer.length - length);
            if (read < 0) {
                throw new IOException("no answer");
            }
            length += read;
        }
        return System.nanoTime() - begun;
    }

    /** Ends. */
    @Override
    public void close() throws InterruptedException {
        isOver = true;
        thread.join();
    }

    /** The medians of both together, once it has ended. */
    double seconds() {
        return (sink.getValueAtPercentile(50) + redis.getValueAtPercentile(50)) / 1e9;
    }
}
