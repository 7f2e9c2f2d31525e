package dev.sluice.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.JsonValue.Kind;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the values at some JSON Pointers in one pass over a document, without building a tree. Values come as they are written:
 * a number keeps its digits. Of a name that stands twice in an object the last one counts, as for most parsers.
 */
final class JsonScan {
    private final JsonFactory json = JsonFactory.builder()
            // Names of members may be ids: the runtime's table of strings is no place for them.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(JsonLimits.CONSTRAINTS)
            .build();

    private final Node root = new Node();

    /** What is wanted at and below one place of a document. */
    private static final class Node {
        private final Map<String, Node> below = new HashMap<>();
        private @Nullable String pointer;

        Node at(String segment) {
            return below.computeIfAbsent(segment, name -> new Node());
        }
    }

    JsonScan(Collection<String> pointers) {
        for (String pointer : pointers) {
            Node node = root;
            for (String segment : pointer.substring(1).split("/", -1)) {
                node = node.at(segment.replace("~1", "/").replace("~0", "~"));
            }
            node.pointer = pointer;
        }
    }

    /** Looks at a document once.
     *
     * @return by pointer: what was found there, but for null
     * @throws IOException if the document is not JSON, whole and nothing but
     */
    Map<String, JsonValue> scan(byte[] document) throws IOException {
        try (JsonParser parser = json.createParser(document)) {
            if (parser.nextToken() == null) {
                throw new IOException("empty");
            }
            Map<String, JsonValue> found = value(parser, root);
            if (parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
            return found;
        }
    }

    /** What stands at and below a place; the parser goes on to the end of the value. */
    private static Map<String, JsonValue> value(JsonParser parser, Node node) throws IOException {
        JsonToken token = parser.currentToken();
        Map<String, JsonValue> found = new HashMap<>();
        if (node.pointer != null && token != JsonToken.VALUE_NULL) {
            found.put(node.pointer, read(parser, token));
        }
        if (node.below.isEmpty()) {
            parser.skipChildren();
        } else if (token == JsonToken.START_OBJECT) {
            // By member: one whose name stood there before is replaced with everything below it.
            Map<Node, Map<String, JsonValue>> members = new HashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                Node member = node.below.get(parser.currentName());
                parser.nextToken();
                if (member == null) {
                    parser.skipChildren();
                } else {
                    members.put(member, value(parser, member));
                }
            }
            members.values().forEach(found::putAll);
        } else if (token == JsonToken.START_ARRAY) {
            for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                Node element = node.below.get(Integer.toString(i));
                if (element == null) {
                    parser.skipChildren();
                } else {
                    found.putAll(value(parser, element));
                }
            }
        }
        return found;
    }

    private static JsonValue read(JsonParser parser, JsonToken token) throws IOException {
        if (token.isStructStart()) {
            return new JsonValue(Kind.STRUCTURE, "");
        }
        Kind kind = token.isNumeric() ? Kind.NUMBER : token.isBoolean() ? Kind.BOOLEAN : Kind.STRING;
        return new JsonValue(kind, parser.getText());
    }
}
