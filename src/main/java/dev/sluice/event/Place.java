package dev.sluice.event;

/** Where a value of an event stands in the request. */
public sealed interface Place {
    /** In the body, by JSON Pointer (RFC 6901), for example {@code /data/orderId}. */
    record Pointer(String pointer) implements Place {
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
