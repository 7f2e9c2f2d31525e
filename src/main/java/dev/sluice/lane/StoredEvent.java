package dev.sluice.lane;

import dev.sluice.event.Content;
import dev.sluice.event.Event;
import dev.sluice.lane.DeadLetters.EventHead;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How an event is written into Redis: a version, then source, type, timestamp, content type and traceparent (an empty text
 * stands for one that is not there), then the raw body up to the end. The script puts the time of acceptance before it, and whether
 * it is stale.
 */
final class StoredEvent {
    private static final int VERSION = 1;
    private static final int FIELDS_ROOM = 256;
    private static final char STALE = 's';
    private static final char END_OF_TIME = ':';

    private StoredEvent() {}

    static byte[] write(Event event) {
        Content content = event.content();
        ByteArrayOutputStream fields = new ByteArrayOutputStream(FIELDS_ROOM);
        try (DataOutputStream out = new DataOutputStream(fields)) {
            out.writeByte(VERSION);
            out.writeUTF(event.source());
            out.writeUTF(event.type());
            out.writeUTF(orEmpty(event.timestamp()));
            out.writeUTF(orEmpty(content.contentType()));
            out.writeUTF(orEmpty(content.traceparent()));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail, and every field is bounded where it is read", e);
        }
        byte[] body = content.body();
        byte[] stored = Arrays.copyOf(fields.toByteArray(), fields.size() + body.length);
        System.arraycopy(body, 0, stored, fields.size(), body.length);
        return stored;
    }

    /** Reads what {@code accept} stored.
     *
     * @param id the event's id, which ends in its sequence
     * @param stored what {@code accept} stored
     */
    static QueuedEvent read(String id, Buffer stored) {
        Beginning beginning = beginning(stored);
        try (DataInputStream in = content(id, stored, beginning)) {
            String source = in.readUTF();
            String type = in.readUTF();
            in.readUTF(); // the timestamp: for operators, not for delivery
            String contentType = orNull(in.readUTF());
            String traceparent = orNull(in.readUTF());
            return new QueuedEvent(
                    id,
                    EventId.sequence(id),
                    beginning.acceptedAt(),
                    beginning.stale(),
                    source,
                    type,
                    new Content(contentType, traceparent, in.readAllBytes()));
        } catch (IOException e) {
            throw notWhole(id, e);
        }
    }

    /** Reads what the first bytes of it tell. */
    static EventHead head(String id, Buffer stored) {
        Beginning beginning = beginning(stored);
        try (DataInputStream in = content(id, stored, beginning)) {
            in.readUTF(); // the source, which whoever asks knows
            return new EventHead(EventId.sequence(id), beginning.acceptedAt(), in.readUTF());
        } catch (IOException e) {
            throw notWhole(id, e);
        }
    }

    /**
     * What the script has put before it.
     *
     * @param length in bytes
     */
    private record Beginning(long acceptedAt, boolean stale, int length) {}

    private static Beginning beginning(Buffer stored) {
        int end = 0;
        long acceptedAt = 0;
        for (; stored.getByte(end) != END_OF_TIME && stored.getByte(end) != STALE; end++) {
            acceptedAt = acceptedAt * 10 + (stored.getByte(end) - '0');
        }
        boolean stale = stored.getByte(end) == STALE;
        return new Beginning(acceptedAt, stale, end + (stale ? 2 : 1));
    }

    private static DataInputStream content(String id, Buffer stored, Beginning beginning) throws IOException {
        byte[] bytes = stored.getBytes();
        DataInputStream in = new DataInputStream(
                new ByteArrayInputStream(bytes, beginning.length(), bytes.length - beginning.length()));
        int version = in.readUnsignedByte();
        if (version != VERSION) {
            throw new IllegalStateException("event " + id + " was stored by another version: " + version);
        }
        return in;
    }

    private static UncheckedIOException notWhole(String id, IOException e) {
        return new UncheckedIOException("event " + id + " is not stored whole", e);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
