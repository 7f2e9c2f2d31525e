package dev.sluice.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.JsonValue.Kind;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the values at some JSON Pointers in one pass over a document, without building a tree, and goes no further than it has to: what
 * follows may be long. Values come as they are written: a number keeps its digits. Of a name that stands twice in an object the first one counts.
 */
final class JsonScan {
    private final JsonFactory json = JsonFactory.builder()
            // Names of members may be ids: the runtime's table of strings is no place for them.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(JsonLimits.CONSTRAINTS)
            .build();

    private static final Node NOWHERE = new Node();

    private final Node root = new Node();
    private final Set<String> decisive;

    /** What is wanted at and below one place of a document. */
    private static final class Node {
        private final Map<String, Node> below = new HashMap<>();
        private @Nullable String pointer;

        Node at(String segment) {
            return below.computeIfAbsent(segment, name -> new Node());
        }
    }

    /** Makes one.
     *
     * @param decisive of the pointers those with which, once there is something at each of them, nobody asks for the others
     */
    JsonScan(Collection<String> pointers, Collection<String> decisive) {
        this.decisive = Set.copyOf(decisive);
        for (String pointer : pointers) {
            Node node = root;
            for (String segment : pointer.substring(1).split("/", -1)) {
                node = node.at(segment.replace("~1", "/").replace("~0", "~"));
            }
            node.pointer = pointer;
        }
    }

    /** Looks at a document once, up to where nothing that is yet to come can matter.
     *
     * @return by pointer: what was found there, but for null
     * @throws IOException if the document is not JSON, as far as it was looked at
     */
    Map<String, JsonValue> scan(byte[] document) throws IOException {
        try (JsonParser parser = json.createParser(document)) {
            return new Pass(parser).look();
        }
    }

    /** One look at one document. */
    private final class Pass {
        private final JsonParser parser;
        private final Map<String, JsonValue> found = new HashMap<>();
        private int missing = decisive.size();

        Pass(JsonParser parser) {
            this.parser = parser;
        }

        Map<String, JsonValue> look() throws IOException {
            if (parser.nextToken() == null) {
                throw new IOException("empty");
            }
            look(root);
            if (missing > 0 && parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
            return found;
        }

        /** Looks at and below a place; the parser goes on to the end of the value, unless nothing is missing any more. */
        private void look(Node node) throws IOException {
            JsonToken token = parser.currentToken();
            if (node.pointer != null && token != JsonToken.VALUE_NULL) {
                JsonValue value = read(parser, token);
                found.put(node.pointer, value);
                // An empty one leaves it to the next place.
                missing -= decisive.contains(node.pointer) && !value.text().isEmpty() ? 1 : 0;
            }
            if (node.below.isEmpty()) {
                skip();
            } else if (token == JsonToken.START_OBJECT) {
                lookIntoObject(node);
            } else if (token == JsonToken.START_ARRAY) {
                for (int i = 0; missing > 0 && parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    look(node.below.getOrDefault(Integer.toString(i), NOWHERE));
                }
            }
        }

        private void lookIntoObject(Node node) throws IOException {
            Set<Node> seen = new HashSet<>();
            while (missing > 0 && parser.nextToken() == JsonToken.FIELD_NAME) {
                Node member = node.below.getOrDefault(parser.currentName(), NOWHERE);
                parser.nextToken();
                if (member != NOWHERE && seen.add(member)) {
                    look(member);
                } else {
                    skip();
                }
            }
        }

        private void skip() throws IOException {
            if (missing > 0) {
                parser.skipChildren();
            }
        }
    }

    private static JsonValue read(JsonParser parser, JsonToken token) throws IOException {
        if (token.isStructStart()) {
            return new JsonValue(Kind.STRUCTURE, "");
        }
        Kind kind = token.isNumeric() ? Kind.NUMBER : token.isBoolean() ? Kind.BOOLEAN : Kind.STRING;
        return new JsonValue(kind, parser.getText());
    }
}
