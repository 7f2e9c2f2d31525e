package dev.sluice.webhook;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Events as an application might publish them at its worst, each with what its recipients must get. */
final class RandomEvents {
    /**
     * One event.
     *
     * @param json as it is published
     * @param delivered as it must be delivered, put together from the very texts that were written into {@code json}
     * @param data the text of its data
     */
    record Written(String json, String delivered, String data) {}

    private static final String[] NUMBERS = {
        "0", "-0", "7", "1.0", "1.00", "1e400", "-1E+400", "0.10e-07", "123456789012345678901234567890", "-12.50"
    };
    private static final String[] WORDS = {"true", "false", "null", "{}", "[]", "\"\""};
    private static final String[] CHARACTERS = {
        "a",
        "Z",
        "0",
        " ",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "'",
        "\u007f",
        "\u0080",
        "é",
        "ß",
        "\u2028",
        "\ufeff",
        "\uffff",
        "漢",
        "😀",
        "\udbff\udfff",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\n",
        "\\r",
        "\\t",
        "\\u0000",
        "\\u00e9",
        "\\uD83D\\ude00"
    };
    private static final String[] TYPES = {"E", "ORDER_PAID", "\\u0045", "order.paid", "\\\"", "\\\\", "a\\/b", " "};
    private static final String[] TIMES = {
        "2025-07-08T12:34:56Z", "2025-07-08T12:34:56.789+02:00", "2025-07-08\\u005412:34:56\\u005A"
    };
    private static final String NOW = "2025-07-08T12:34:56.789Z";

    private final Random random;
    private final String spaces;

    /** @param spaces the white space that may stand between tokens */
    RandomEvents(Random random, String spaces) {
        this.random = random;
        this.spaces = spaces;
    }

    Written next() {
        String type = '"' + one(TYPES) + '"';
        String time = '"' + one(TIMES) + '"';
        String data = value(random.nextInt(6));
        boolean timed = random.nextBoolean();
        List<String> members = new ArrayList<>(List.of(
                member(random.nextInt(9) == 0 ? "\\u0065vent" : "event", type),
                member(random.nextInt(9) == 0 ? "d\\u0061ta" : "data", data)));
        if (timed) {
            members.add(member("timestamp", time));
        }
        if (random.nextBoolean()) {
            members.add(member("orderingKey", random.nextBoolean() ? "\"k" + one(CHARACTERS) + '"' : one(NUMBERS)));
        }
        Collections.shuffle(members, random);
        String delivered =
                "{\"event\":" + type + ",\"timestamp\":" + (timed ? time : '"' + NOW + '"') + ",\"data\":" + data + "}";
        return new Written(space() + "{" + String.join(",", members) + "}" + space(), delivered, data);
    }

    private String value(int depth) {
        int kind = random.nextInt(depth == 0 ? 3 : 5);
        return switch (kind) {
            case 0 -> one(NUMBERS);
            case 1 -> one(WORDS);
            case 2 -> '"' + string() + '"';
            case 3 -> structure("[", depth, "]", false);
            default -> structure("{", depth, "}", true);
        };
    }

    private String structure(String open, int depth, String close, boolean named) {
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String value = value(depth - 1);
            // Names repeat, within an object and those of an event.
            String name = random.nextInt(3) == 0 ? string() : random.nextBoolean() ? "data" : "event";
            elements.add(named ? member(name, value) : space() + value + space());
        }
        return open + (elements.isEmpty() ? space() : String.join(",", elements)) + close;
    }

    private String member(String name, String value) {
        return space() + '"' + name + '"' + space() + ":" + space() + value + space();
    }

    private String string() {
        StringBuilder text = new StringBuilder();
        // Now and then longer than any buffer of the parser.
        for (int i = random.nextInt(500) == 0 ? 9_000 : random.nextInt(9); i > 0; i--) {
            text.append(one(CHARACTERS));
        }
        return text.toString();
    }

    private String space() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4) == 0 ? random.nextInt(5) : 0; i > 0; i--) {
            text.append(spaces.charAt(random.nextInt(spaces.length())));
        }
        return text.toString();
    }

    private String one(String[] of) {
        return of[random.nextInt(of.length)];
    }
}
