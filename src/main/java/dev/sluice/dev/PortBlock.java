package dev.sluice.dev;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports that one JVM has for its servers. The JVM that listens on the first port of a block owns the block until it ends. */
final class PortBlock {
    private static final int FIRST_BLOCK = 12_000;
    private static final int LAST_BLOCK = 31_000;
    private static final int SIZE = 1_000;

    static final PortBlock OF_THIS_JVM = claim();

    private final ServerSocket owner;
    private final AtomicInteger next;

    private PortBlock(ServerSocket owner) {
        this.owner = owner;
        next = new AtomicInteger(owner.getLocalPort() + 1);
    }

    private static PortBlock claim() {
        for (int first = FIRST_BLOCK; first <= LAST_BLOCK; first += SIZE) {
            try {
                return new PortBlock(listen(first));
            } catch (IOException e) {
                // Another JVM owns the block, or another program uses its first port.
            }
        }
        throw new IllegalStateException("All port blocks from " + FIRST_BLOCK + " to " + LAST_BLOCK + " are in use");
    }

    /** Returns a port of the block on which nobody listens, each at most once. */
    int next() {
        int last = owner.getLocalPort() + SIZE - 1;
        for (int port = next.getAndIncrement(); port <= last; port = next.getAndIncrement()) {
            try (ServerSocket probe = listen(port)) {
                return probe.getLocalPort();
            } catch (IOException e) {
                // The port is in use.
            }
        }
        throw new IllegalStateException("All ports from " + owner.getLocalPort() + " to " + last + " are used up");
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }
}
