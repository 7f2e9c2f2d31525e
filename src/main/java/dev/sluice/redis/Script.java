package dev.sluice.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One of the Lua files under {@code lua/}.
 *
 * @param name the file's name without its ending; the label of its metric
 * @param text the file, with what it uses of {@code common.lua} before it
 * @param sha1 by which a server that has seen the text knows it
 */
public record Script(String name, String text, String sha1) {
    private static final Pattern DEFINED = Pattern.compile("(?m)^local (?:function )?(\\w+)");

    /** The script of that name, which must be among the resources. */
    public static Script named(String name) {
        String own = read(name);
        String text = common(own) + own;
        try {
            byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Script(name, text, HexFormat.of().formatHex(sha1));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }

    /**
     * What a script uses of what all share: each run of a script makes all functions that stand in it anew. Parts are divided by empty lines, and each
     * may use those before it.
     */
    private static String common(String own) {
        StringBuilder used = new StringBuilder();
        StringBuilder users = new StringBuilder(withoutComments(own));
        List<String> parts = List.of(read("common").split("\n\n"));
        for (int i = parts.size() - 1; i >= 0; i--) {
            String part = parts.get(i) + "\n\n";
            boolean isUsed = DEFINED.matcher(part)
                    .results()
                    .anyMatch(defined -> Pattern.compile("\\b" + defined.group(1) + "\\b")
                            .matcher(users)
                            .find());
            if (isUsed) {
                used.insert(0, part);
                users.append(withoutComments(part));
            }
        }
        return used.toString();
    }

    private static String withoutComments(String lua) {
        return lua.replaceAll("--.*", "");
    }

    private static String read(String name) {
        try (InputStream in = Script.class.getResourceAsStream("/lua/" + name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("lua/" + name + ".lua is not among the resources");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
