package dev.sluice.event;

import java.util.regex.Pattern;

/** Where a value of an event stands in the request. */
public sealed interface Place {
    /** In the body, by JSON Pointer (RFC 6901), for example {@code /data/orderId}. */
    record Pointer(String pointer) implements Place {
        private static final Pattern SYNTAX = Pattern.compile("(/([^~/]|~[01])*)+");

        /** Whether a text is a JSON Pointer to something within a document. */
        public static boolean isPointer(String text) {
            return SYNTAX.matcher(text).matches();
        }

        @Override
        public String toString() {
            return pointer;
        }
    }

    /** In a header. */
    record Header(String name) implements Place {
        @Override
        public String toString() {
            return "header:" + name;
        }
    }
}
