package dev.sluice.redis;

import dev.sluice.dev.EmbeddedRedis;
import java.nio.file.Path;

/** Servers older than the one that dev mode and all other tests run on. */
public final class OldRedis {
    private OldRedis() {}

    /**
     * Starts a 6.2, the oldest that is supported, on a free port. On Linux on x86-64 it needs the libraries of OpenSSL 3.
     *
     * @param directory for its data
     * @param settings of redis-server
     */
    public static EmbeddedRedis oldestSupported(Path directory, String... settings) {
        String platform = EmbeddedRedis.platform();
        String version = platform.equals("linux-arm64") || platform.equals("linux-386") ? "6.2.7" : "6.2.6-v5";
        return start("redis-server-" + version + "-" + platform, directory, settings);
    }

    /** The same with a 2.8, which lacks most of what is needed. For Linux on x86-64 alone. */
    public static EmbeddedRedis tooOld(Path directory, String... settings) {
        return start("redis-server-2.8.19", directory, settings);
    }

    private static EmbeddedRedis start(String server, Path directory, String... settings) {
        return EmbeddedRedis.start(server, directory, EmbeddedRedis.freePort(), settings);
    }
}
