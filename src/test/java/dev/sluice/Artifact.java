package dev.sluice;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the build has made: the jar, or with {@code -Dnative} the native binary. */
public final class Artifact {
    private Artifact() {}

    public static boolean isNative() {
        return Boolean.getBoolean("gateway.native");
    }

    /**
     * How it is started; on a JVM that is the one that the tests run on.
     *
     * @param options {@code -D...} and what else both of them take
     */
    public static List<String> command(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(
                isNative()
                        ? System.getProperty("native.image.path")
                        : ProcessHandle.current().info().command().orElse("java"));
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
}
