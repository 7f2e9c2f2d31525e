package dev.sluice.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the scalar values at some JSON Pointers in one pass over a document, without building a tree. Values come as they are
 * written: a number keeps its digits. Of a name that stands twice in an object the last one counts, as for most parsers.
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

        /** A name that stood there before: only what comes now counts. */
        void forget(Map<String, String> found) {
            found.remove(pointer);
            below.values().forEach(node -> node.forget(found));
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
     * @return by pointer: the strings, numbers and booleans found; an empty string counts as not there
     * @throws IOException if the document is not JSON, whole and nothing but
     */
    Map<String, String> scan(byte[] document) throws IOException {
        Map<String, String> found = new HashMap<>();
        try (JsonParser parser = json.createParser(document)) {
            if (parser.nextToken() == null) {
                throw new IOException("empty");
            }
            value(parser, root, found);
            if (parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
        }
        return found;
    }

    private static void value(JsonParser parser, Node node, Map<String, String> found) throws IOException {
        JsonToken token = parser.currentToken();
        if (token.isStructStart() && node.below.isEmpty()) {
            parser.skipChildren();
        } else if (token == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                Node member = node.below.get(parser.currentName());
                parser.nextToken();
                if (member != null) {
                    member.forget(found);
                }
                below(parser, member, found);
            }
        } else if (token == JsonToken.START_ARRAY) {
            for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                below(parser, node.below.get(Integer.toString(i)), found);
            }
        } else if (node.pointer != null && token != JsonToken.VALUE_NULL && parser.getTextLength() > 0) {
            found.put(node.pointer, parser.getText());
        }
    }

    private static void below(JsonParser parser, @Nullable Node node, Map<String, String> found) throws IOException {
        if (node == null) {
            parser.skipChildren();
        } else {
            value(parser, node, found);
        }
    }
}
