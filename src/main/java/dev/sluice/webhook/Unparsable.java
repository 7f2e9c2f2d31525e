package dev.sluice.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.sluice.event.JsonLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Why bytes are no JSON that could be passed on as it is. Tells the parser's findings without its quotations of the body. */
final class Unparsable {
    private static final String SEND_UTF_8 = "send UTF-8 without a byte order mark";
    private static final int UTF_8_MARK = 0xEFBBBF;
    private static final int SCRATCH = 4_096;

    private Unparsable() {}

    /** What shows at the beginning of a body: that it is in another encoding, whose bytes cannot stand in an object of ours. */
    static @Nullable Fault encoding(byte[] body) {
        int first = at(body, 0);
        int second = at(body, 1);
        if ((first << 16 | second << 8 | at(body, 2)) == UTF_8_MARK) {
            return Fault.ofAll("it begins with a byte order mark", SEND_UTF_8);
        }
        // FE and FF begin their marks only; a NUL is half of an ASCII character, with which each JSON begins.
        return first >= 0xFE || first == 0 || second == 0
                ? Fault.ofAll("it is in UTF-16 or UTF-32, or holds a NUL", SEND_UTF_8)
                : null;
    }

    /** Where a stretch is not UTF-8 to the letter. The parser does not check that: it takes overlong forms and surrogates. */
    static @Nullable Fault utf8(byte[] bytes, Span span) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, span.from(), span.length());
        CharBuffer scratch = CharBuffer.allocate(Math.min(span.length(), SCRATCH));
        CoderResult result;
        do {
            scratch.clear();
            result = decoder.decode(in, scratch, true);
        } while (result.isOverflow());
        return result.isError()
                ? Fault.ofAll("it is not UTF-8 at byte " + (in.position() - span.from()), SEND_UTF_8)
                : null;
    }

    /** What made the parser give up. */
    static Fault json(IOException e) {
        if (e instanceof StreamConstraintsException) {
            return Fault.ofAll("it is nested too deeply", "nest at most " + JsonLimits.DEEPEST + " levels");
        }
        if (e instanceof JsonEOFException) {
            return Fault.ofAll("it is not JSON: it ends too early", "send the whole of it");
        }
        String place = e instanceof JsonProcessingException told
                ? ", near byte " + told.getLocation().getByteOffset()
                : "";
        return Fault.ofAll("it is not JSON" + place, "send JSON as RFC 8259 has it");
    }

    private static int at(byte[] body, int index) {
        return index < body.length ? body[index] & 0xFF : -1;
    }
}
