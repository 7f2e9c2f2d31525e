package dev.sluice.lane;

import dev.sluice.event.Content;
import dev.sluice.event.Event;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(content.body().length + FIELDS_ROOM);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(event.source());
            out.writeUTF(event.type());
            out.writeUTF(orEmpty(event.timestamp()));
            out.writeUTF(orEmpty(content.contentType()));
            out.writeUTF(orEmpty(content.traceparent()));
            out.write(content.body());
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail, and every field is bounded where it is read", e);
        }
        return bytes.toByteArray();
    }

    /** Reads what {@code accept} stored.
     *
     * @param id the event's id, which ends in its sequence
     * @param stored what {@code accept} stored
     */
    static QueuedEvent read(String id, Buffer stored) {
        byte[] bytes = stored.getBytes();
        int end = 0;
        long acceptedAt = 0;
        for (; bytes[end] != END_OF_TIME && bytes[end] != STALE; end++) {
            acceptedAt = acceptedAt * 10 + (bytes[end] - '0');
        }
        boolean stale = bytes[end] == STALE;
        end += stale ? 1 : 0;
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(bytes, end + 1, bytes.length - end - 1))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("event " + id + " was stored by another version: " + version);
            }
            String source = in.readUTF();
            String type = in.readUTF();
            in.readUTF(); // the timestamp: for operators, not for delivery
            String contentType = orNull(in.readUTF());
            String traceparent = orNull(in.readUTF());
            return new QueuedEvent(
                    id,
                    EventId.sequence(id),
                    acceptedAt,
                    stale,
                    source,
                    type,
                    new Content(contentType, traceparent, in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("event " + id + " is not stored whole", e);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
