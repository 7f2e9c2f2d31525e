package dev.sluice.delivery;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What people are shown of what a target sent: one line of printable characters, whatever it was. */
final class Excerpt {
    /** Controls, what turns the direction of writing, what is no UTF-8; and of any white space one blank is enough. */
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{C}\\p{Z}\\uFFFD]+");

    private Excerpt() {}

    static String of(byte[] bytes) {
        return of(new String(bytes, StandardCharsets.UTF_8));
    }

    static String of(String text) {
        return NOT_PRINTABLE.matcher(text).replaceAll(" ").strip();
    }
}
