package dev.sluice.ingress;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Gathers the body of a request where it stays: what is verified, stored and sent on is these bytes. What is not there yet takes next to no memory,
 * whatever a sender says of its length.
 */
final class Body {
    private static final int FIRST_ROOM = 2 * 1024;

    private final long most;
    private final Room room;
    private final Consumer<Refusal> refused;
    private byte[] bytes = new byte[0];
    private int length;
    private boolean isOver;
    private boolean isWhole;

    /** Why a body is not read to its end. */
    enum Refusal {
        /** It is larger than it may be. */
        TOO_LARGE,
        /** There is no room for it now; what is still to come of it is dropped. */
        NO_ROOM,
        /** It did not come in time. */
        LATE
    }

    /**
     * Makes one of which nothing is read yet.
     *
     * @param most how many bytes it may have
     * @param room for it, which it has until {@link #leave}
     * @param refused told why it is not read to its end; it has left by then
     */
    Body(long most, Room room, Consumer<Refusal> refused) {
        this.most = most;
        this.room = room;
        this.refused = refused;
    }

    /**
     * Reads it to its end, on the event loop of the request. Where the sender leaves before that, nobody is told.
     *
     * @param whole told the bytes
     */
    void read(HttpServerRequest request, Consumer<byte[]> whole) {
        String said = request.getHeader("Content-Length");
        long length = said == null ? 0 : Long.parseLong(said);
        if (length > most) {
            refuse(Refusal.TOO_LARGE);
            return;
        }
        request.handler(part -> add(part, (int) length));
        request.endHandler(nothing -> {
            if (!isOver) {
                isWhole = true;
                whole.accept(whole());
            }
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        request.resume();
    }

    /** It has had all the time that there is: a sender that stalls must not keep others out for ever. */
    void late() {
        if (!isOver && !isWhole) {
            refuse(Refusal.LATE);
        }
    }

    /** Its room is free; nothing more of it is kept. Again it changes nothing. */
    void leave() {
        room.give(bytes.length);
        bytes = new byte[0];
        isOver = true;
    }

    private void add(Buffer part, int said) {
        if (isOver) {
            return;
        }
        if (part.length() > most - length) {
            refuse(Refusal.TOO_LARGE);
            return;
        }
        int needed = length + part.length();
        if (needed > bytes.length && !grow(needed, said)) {
            refuse(Refusal.NO_ROOM);
            return;
        }
        part.getBytes(bytes, length);
        length = needed;
    }

    private boolean grow(int needed, int said) {
        long inAll = said == 0 ? most : said;
        int size = (int) Math.max(needed, Math.min(inAll, Math.max(FIRST_ROOM, 2L * bytes.length)));
        if (!room.take(size - bytes.length)) {
            return false;
        }
        bytes = Arrays.copyOf(bytes, size);
        return true;
    }

    private void refuse(Refusal why) {
        leave();
        refused.accept(why);
    }

    private byte[] whole() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
