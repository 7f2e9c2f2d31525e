package dev.sluice.webhook;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** What the members of a published event must be. Each rule looks at the parser's value and notes each fault of it. */
final class MemberRules {
    static final String EVENT = "event";
    static final String TIMESTAMP = "timestamp";
    static final String ORDERING_KEY = "orderingKey";
    static final String DATA = "data";

    private static final int LONGEST_TYPE = 256;
    private static final int LONGEST_TIMESTAMP = 64;
    private static final int LONGEST_KEY = 1_024;

    private final FoundFaults faults;

    MemberRules(FoundFaults faults) {
        this.faults = faults;
    }

    /** The event type: it goes into a header of what is delivered, and subscriptions name it. */
    String type(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return fault(EVENT, "it is no string", "write the event type, for example \"ORDER_PAID\"");
        }
        String type = parser.getText();
        if (type.isEmpty()) {
            fault(EVENT, "it is empty", "write the event type, for example \"ORDER_PAID\"");
        }
        checkLength(EVENT, type, LONGEST_TYPE);
        if (!type.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            fault(EVENT, "it is not printable ASCII", "use letters, digits and punctuation of ASCII");
        }
        if (type.indexOf('*') >= 0) {
            fault(EVENT, "it holds *, the wildcard of subscriptions", "leave the * out");
        }
        return type;
    }

    /** The time it happened. */
    String timestamp(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return fault(TIMESTAMP, "it is no string", "write a date-time, or leave it out for the present");
        }
        String timestamp = parser.getText();
        checkLength(TIMESTAMP, timestamp, LONGEST_TIMESTAMP);
        if (!isDateTime(timestamp)) {
            fault(
                    TIMESTAMP,
                    "it is no date-time of RFC 3339",
                    "write it with offset or Z, for example 2025-07-08T12:34:56.789Z");
        }
        return timestamp;
    }

    /** What it is kept in order by: a null or an object there would be an order lost or one that nobody meant. */
    String orderingKey(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
            return fault(ORDERING_KEY, "it is no string, number or boolean", "write the entity's id, or leave it out");
        }
        String key = parser.getText();
        if (key.isEmpty()) {
            fault(ORDERING_KEY, "it is empty", "write the entity's id, or leave it out");
        }
        checkLength(ORDERING_KEY, key, LONGEST_KEY);
        return key;
    }

    /** Refused, not ignored: a misspelt ordering key would lose the order and tell nobody. */
    void unknown(String name) {
        fault(name, "there is no such member", "use event, data, timestamp and orderingKey");
    }

    void twice(String name) {
        fault(name, "it stands there twice", "leave one of them");
    }

    void missing(String name) {
        fault(name, "it is missing", "add it");
    }

    private void checkLength(String name, String text, int longest) {
        if (text.codePointCount(0, text.length()) > longest) {
            fault(name, "it is longer than " + longest + " characters", "shorten it");
        }
    }

    private String fault(String name, String reason, String mend) {
        faults.add(Fault.ofMember(name, reason, mend));
        return "";
    }

    private static boolean isDateTime(String text) {
        try {
            DateTimeFormatter.ISO_INSTANT.parse(text);
            // What Java takes beyond RFC 3339: years of more than four digits, and before the first, with their sign.
            return Character.isDigit(text.charAt(0));
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
