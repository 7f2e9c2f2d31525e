package dev.sluice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the build has made: the jar, or with {@code -Dnative} the native binary. */
public final class Artifact {
    private static final String OPTIONS = "ENV JAVA_TOOL_OPTIONS=";

    private Artifact() {}

    public static boolean isNative() {
        return Boolean.getBoolean("gateway.native");
    }

    /**
     * How it is started; on a JVM that is the one that the tests run on, with the options that the image has.
     *
     * @param options {@code -D...} and what else both of them take
     */
    public static List<String> command(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(
                isNative()
                        ? System.getProperty("native.image.path")
                        : ProcessHandle.current().info().command().orElse("java"));
        if (!isNative()) {
            command.addAll(options());
        }
        command.addAll(options);
        if (!isNative()) {
            command.addAll(List.of(
                    "-jar",
                    Path.of("target", "quarkus-app", "quarkus-run.jar")
                            .toAbsolutePath()
                            .toString()));
        }
        return Stream.concat(command.stream(), Stream.of(arguments)).toList();
    }

    /** What the image tells the JVM, so that what is tested and measured is what is shipped. */
    public static List<String> options() {
        try (Stream<String> lines = Files.lines(Path.of("deploy", "container", "Dockerfile.jvm"))) {
            return lines.filter(line -> line.startsWith(OPTIONS))
                    .flatMap(line -> Stream.of(
                            line.substring(OPTIONS.length()).replace("\"", "").split(" ")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
