package dev.sluice.system;

import dev.sluice.dev.EmbeddedRedis;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** What a Redis tells of itself. */
public final class RedisInfo {
    private RedisInfo() {}

    public static String of(EmbeddedRedis redis, String section) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", redis.port())) {
            socket.getOutputStream().write(("INFO " + section + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    public static long figure(EmbeddedRedis redis, String section, String name) throws IOException {
        return of(redis, section)
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(
                        line -> Long.parseLong(line.substring(name.length() + 1).trim()))
                .sum();
    }
}
