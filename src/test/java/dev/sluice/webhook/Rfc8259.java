package dev.sluice.webhook;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of JSON, written down from the RFC without any parser, to hold the reader against: whether bytes are one JSON text
 * in UTF-8, and as which bytes the members of an outermost object stand there.
 */
final class Rfc8259 {
    /** A member of the outermost object, as it is written. */
    record Member(String name, String value) {}

    private static final Pattern OTHER_ESCAPE = Pattern.compile("\\\\[^u]");
    private static final Pattern PAIR = Pattern.compile("(?i)\\\\ud[89ab]..\\\\ud[c-f]..");
    private static final Pattern HALF = Pattern.compile("(?i)\\\\ud[89a-f]..");

    private final String text;
    private final List<Member> members = new ArrayList<>();
    private int at;

    private Rfc8259(String text) {
        this.text = text;
    }

    /** The members of a text that is an object; null when it is anything else. */
    static @Nullable List<Member> object(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
            return null;
        }
        Rfc8259 json = new Rfc8259(text);
        try {
            json.space();
            json.structure('{', '}', true, true);
            json.space();
            return json.at == text.length() ? json.members : null;
        } catch (IllegalStateException e) {
            return null;
        }
    }

    private void value() {
        switch (peek()) {
            case '{' -> structure('{', '}', true, false);
            case '[' -> structure('[', ']', false, false);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void structure(char open, char close, boolean named, boolean outermost) {
        word(String.valueOf(open));
        space();
        if (peek() == close) {
            at++;
            return;
        }
        while (true) {
            int nameFrom = at;
            if (named) {
                string();
            }
            String name = text.substring(nameFrom, at);
            check(!hasHalfOfAPair(name));
            space();
            if (named) {
                word(":");
                space();
            }
            int from = at;
            value();
            if (outermost) {
                members.add(new Member(name, text.substring(from, at)));
            }
            space();
            if (peek() == close) {
                at++;
                return;
            }
            word(",");
            space();
        }
    }

    private void string() {
        word("\"");
        while (peek() != '"') {
            check(peek() >= ' ');
            if (text.charAt(at++) == '\\') {
                char escaped = peek();
                at++;
                if (escaped == 'u') {
                    for (int i = 0; i < 4; i++) {
                        check("0123456789abcdefABCDEF".indexOf(peek()) >= 0);
                        at++;
                    }
                } else {
                    check("\"\\/bfnrt".indexOf(escaped) >= 0);
                }
            }
        }
        at++;
    }

    /** The RFC lets such names pass, but warns of them; the reader refuses them. */
    private static boolean hasHalfOfAPair(String name) {
        return HALF.matcher(
                        PAIR.matcher(OTHER_ESCAPE.matcher(name).replaceAll(" ")).replaceAll(" "))
                .find();
    }

    private void number() {
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
    }

    private void digits() {
        check(isDigit());
        while (isDigit()) {
            at++;
        }
    }

    private boolean isDigit() {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    private boolean skip(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void space() {
        while (skip(' ') || skip('\t') || skip('\r') || skip('\n')) {
            // One after the other.
        }
    }

    private void word(String word) {
        check(text.startsWith(word, at));
        at += word.length();
    }

    private char peek() {
        check(at < text.length());
        return text.charAt(at);
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("not JSON");
        }
    }
}
