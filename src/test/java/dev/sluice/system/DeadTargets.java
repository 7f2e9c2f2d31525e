package dev.sluice.system;

import dev.sluice.dev.EmbeddedRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Nine targets, each dead in another way. */
final class DeadTargets implements AutoCloseable {
    private static final Duration DRIP = Duration.ofSeconds(1);

    private final Map<String, String> urls = new LinkedHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();

    DeadTargets() throws IOException {
        urls.put("refusing", url(EmbeddedRedis.freePort()));
        urls.put("not-accepting", url(full().getLocalPort()));
        add("hanging", new RawTarget(exchange -> await()));
        add("dripping", new RawTarget(exchange -> exchange.drip(RawTarget.OK, DRIP)));
        add("closing", new RawTarget(RawTarget.Exchange::close));
        add("resetting", new RawTarget(RawTarget.Exchange::reset));
        add("babbling", new RawTarget("no HTTP at all\r\n\r\n"));
        add("failing", new RawTarget("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
        add("pausing", new RawTarget("HTTP/1.1 429 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"));
    }

    /** Their URLs by their names. */
    Map<String, String> urls() {
        return urls;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private void add(String name, RawTarget target) {
        open.add(target);
        urls.put(name, target.url());
    }

    /** A socket where as many wait to be accepted as may, so that no more connections are opened. */
    private ServerSocket full() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        open.add(server);
        for (int waiting = 0; waiting < 2; waiting++) {
            open.add(new Socket(server.getInetAddress(), server.getLocalPort()));
        }
        return server;
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port + "/hook";
    }

    private static void await() throws IOException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
