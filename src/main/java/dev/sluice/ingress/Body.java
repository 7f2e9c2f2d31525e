package dev.sluice.ingress;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.function.Consumer;

/** Gathers the body of a request where it stays: what is verified, stored and sent on is these bytes. */
final class Body {
    /** Where a request does not say how much is to come. */
    private static final int FIRST_ROOM = 2_048;

    private final long most;
    private final Runnable tooLarge;
    private byte[] bytes;
    private int length;
    private boolean isTooLarge;

    private Body(long most, int room, Runnable tooLarge) {
        this.most = most;
        this.tooLarge = tooLarge;
        this.bytes = new byte[room];
    }

    /**
     * Reads one to its end, on the event loop of the request. Where the sender leaves before that, nobody is told.
     *
     * @param whole told the body
     * @param tooLarge told instead when it grows over so many bytes; the rest is not kept
     */
    static void read(HttpServerRequest request, long most, Consumer<byte[]> whole, Runnable tooLarge) {
        String said = request.getHeader("Content-Length");
        long length = said == null ? FIRST_ROOM : Long.parseLong(said);
        if (length > most) {
            tooLarge.run();
            return;
        }
        Body body = new Body(most, (int) length, tooLarge);
        request.handler(body::add);
        request.endHandler(nothing -> {
            if (!body.isTooLarge) {
                whole.accept(body.bytes());
            }
        });
        request.resume();
    }

    private void add(Buffer part) {
        if (isTooLarge) {
            return;
        }
        if (part.length() > most - length) {
            isTooLarge = true;
            bytes = new byte[0];
            tooLarge.run();
            return;
        }
        if (length + part.length() > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + part.length(), 2 * bytes.length));
        }
        part.getBytes(bytes, length);
        length += part.length();
    }

    private byte[] bytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
