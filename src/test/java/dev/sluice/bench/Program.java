package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.awaitility.Awaitility;

/** A class of the tests that runs as a process of its own, and tells in a line of its output on which port it listens. */
final class Program implements AutoCloseable {
    private static final String PORT = "port ";

    private final Process process;
    private final int port;

    Program(Class<?> main, Path output, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            Files.createDirectories(output.toAbsolutePath().getParent());
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        port = Awaitility.await(main.getSimpleName())
                .atMost(Duration.ofSeconds(30))
                .until(() -> told(output), OptionalInt::isPresent)
                .getAsInt();
    }

    /** So that a Sink or a Floor can be started. */
    static void tellPort(int port) {
        System.out.println(PORT + port);
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    private static OptionalInt told(Path output) throws IOException {
        return Files.readAllLines(output).stream()
                .filter(line -> line.startsWith(PORT))
                .mapToInt(line -> Integer.parseInt(line.substring(PORT.length())))
                .findFirst();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
