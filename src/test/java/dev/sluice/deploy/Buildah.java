package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Builds images without a registry, in a store of its own. Needs buildah, and to be root. */
final class Buildah implements AutoCloseable {
    private static final Path DOCKERFILES = Path.of("deploy", "container");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;

    Buildah(Path directory) {
        this.directory = directory;
    }

    /** Makes an image of nothing but the files of a directory. */
    void base(String name, Path files, String path) {
        String container = run("from", "scratch");
        run("copy", container, files.toString(), "/");
        run("config", "--env", "PATH=" + path, container);
        run("commit", container, name);
        run("rm", container);
    }

    /**
     * Builds the last stage of a Dockerfile, with what the Maven build has left in {@code target} in the place of what an earlier
     * stage would build.
     *
     * @param target has what the stage copies
     */
    void lastStage(String dockerfile, String base, String name, Path target) throws IOException {
        String text = Files.readString(DOCKERFILES.resolve(dockerfile));
        String stage = text.substring(text.lastIndexOf("\nFROM "))
                .replace("--from=build ", "")
                .replace("/code/", "");
        Path file = Files.writeString(directory.resolve(dockerfile), "ARG BASE" + stage);
        run(
                "build",
                "--format",
                "docker",
                "--layers",
                "--isolation",
                "chroot",
                "--pull-never",
                "--build-arg",
                "BASE=" + base,
                "--build-arg",
                "VERSION=1.2.3",
                "--build-arg",
                "REVISION=abc",
                "--file",
                file.toString(),
                "--tag",
                name,
                target.toString());
    }

    /** What an image tells of itself. */
    JsonNode inspect(String image) throws IOException {
        return JSON.readTree(run("inspect", "--type", "image", image));
    }

    /** A container of an image; its name. */
    String container(String image) {
        return run("from", "--pull-never", image);
    }

    /** Where the files of a container are. */
    Path mount(String container) {
        return Path.of(run("mount", container));
    }

    /** Starts a command in a container, as its user and in the network of this machine. */
    Process start(String container, Map<String, String> environment, Path log, List<String> command)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "--isolation", "chroot"));
        environment.forEach((name, value) -> arguments.addAll(List.of("--env", name + "=" + value)));
        arguments.addAll(List.of(container, "--"));
        arguments.addAll(command);
        return new ProcessBuilder(command(arguments))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    @Override
    public void close() {
        run("rm", "--all");
        run("rmi", "--all", "--force");
    }

    private String run(String... arguments) {
        return Tool.run(command(List.of(arguments))).trim();
    }

    private List<String> command(List<String> arguments) {
        return Stream.concat(
                        Stream.of(
                                "buildah",
                                "--root",
                                directory.resolve("store").toString(),
                                "--runroot",
                                directory.resolve("run").toString(),
                                "--storage-driver",
                                "vfs"),
                        arguments.stream())
                .toList();
    }
}
