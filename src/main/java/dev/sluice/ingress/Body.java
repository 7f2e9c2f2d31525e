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
    private final Consumer<Unread> unread;
    private byte[] bytes = new byte[0];
    private int length;
    private boolean isOver;

    /** Why a body was not read to its end. */
    enum Unread {
        /** It is larger than it may be. */
        TOO_LARGE,
        /** There is no room for it now. */
        NO_ROOM
    }

    private Body(long most, Room room, Consumer<Unread> unread) {
        this.most = most;
        this.room = room;
        this.unread = unread;
    }

    /**
     * Reads one to its end, on the event loop of the request. Where the sender leaves before that, nobody is told.
     *
     * @param most how many bytes it may have
     * @param room for it, which it has until {@link #leave}
     * @param whole told the bytes
     * @param unread told instead why there are none; nothing more of the body is kept then
     */
    static Body read(HttpServerRequest request, long most, Room room, Consumer<byte[]> whole, Consumer<Unread> unread) {
        Body body = new Body(most, room, unread);
        String said = request.getHeader("Content-Length");
        long length = said == null ? 0 : Long.parseLong(said);
        if (length > most) {
            body.end(Unread.TOO_LARGE);
            return body;
        }
        request.handler(part -> body.add(part, (int) length));
        request.endHandler(nothing -> {
            if (!body.isOver) {
                whole.accept(body.whole());
            }
        });
        request.resume();
        return body;
    }

    /** Its room is free. */
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
            end(Unread.TOO_LARGE);
            return;
        }
        int needed = length + part.length();
        if (needed > bytes.length && !grow(needed, said)) {
            end(Unread.NO_ROOM);
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

    private void end(Unread why) {
        isOver = true;
        unread.accept(why);
    }

    private byte[] whole() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
