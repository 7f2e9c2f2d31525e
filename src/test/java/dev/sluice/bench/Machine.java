package dev.sluice.bench;

import dev.sluice.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What was measured on, for people.
 *
 * @param processors what they are called and how many there are
 * @param memory in bytes
 * @param runtime of the gateways
 * @param redis its version and what it allocates memory with
 */
record Machine(String processors, long memory, String runtime, String redis) {
    static Machine here(Stand stand) throws IOException {
        return new Machine(
                Runtime.getRuntime().availableProcessors() + " × " + first("/proc/cpuinfo", "model name"),
                Long.parseLong(first("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) * 1024,
                Artifact.isNative()
                        ? "a native binary"
                        : System.getProperty("java.vm.name") + " " + System.getProperty("java.version") + ", "
                                + String.join(" ", Artifact.options()),
                stand.server());
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "All on one machine: %s, %.0f GB. Gateways: %s. Redis: %s.",
                processors,
                memory / 1e9,
                runtime,
                redis);
    }

    private static String first(String file, String name) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            List<String> found = lines.filter(line -> line.startsWith(name)).toList();
            return found.isEmpty() ? "" : found.get(0).replaceAll("^[^:]*:\\s*", "");
        }
    }
}
