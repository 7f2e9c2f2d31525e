package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.Artifact;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.KeptDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The last stage of each Dockerfile, on a base that is made here because no registry is needed for that. The stages before it
 * run the same Maven build as this one does.
 */
@Tag("deploy")
class ImageIT {
    private static final String BASE = "localhost/base";
    private static final String IMAGE = "localhost/sluice";
    private static final String VERSION = "org.opencontainers.image.version";

    @TempDir(factory = KeptDirectory.class, cleanup = CleanupMode.NEVER)
    private Path directory;

    private Buildah buildah;

    @BeforeEach
    void start() {
        buildah = new Buildah(directory.toAbsolutePath());
    }

    @AfterEach
    void stop() {
        buildah.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile.native", "Dockerfile.scratch"})
    void ofTheBinaryIsTheBinaryAndNothingElse(String dockerfile) throws Exception {
        buildah.base(BASE, files("etc/passwd", "nobody:x:1001:1001::/:/nologin\n"), "/bin");
        buildah.lastStage(dockerfile, BASE, IMAGE, binary());
        JsonNode image = buildah.inspect(IMAGE);
        assertThatItIsAsClaimed(image, List.of("/sluice/application"));
        int ofTheBase = dockerfile.equals("Dockerfile.scratch") ? 0 : 1;
        assertThat(image.at("/OCIv1/rootfs/diff_ids")).hasSize(ofTheBase + 1);

        Path root = buildah.mount(buildah.container(IMAGE));
        assertThat(regularFiles(root.resolve("sluice"))).containsExactly("application r-xr-xr-x 0");
        assertThat(regularFiles(root)).hasSize(ofTheBase + 1);
    }

    @Test
    @DisabledIf("dev.sluice.Artifact#isNative")
    void ofTheJvmServesAndIsWellAndEndsWhenItIsTold() throws Exception {
        buildah.base(BASE, jre(), "/opt/java/bin");
        buildah.lastStage("Dockerfile.jvm", BASE, IMAGE, jars());
        JsonNode image = buildah.inspect(IMAGE);
        List<String> command = List.of("java", "-jar", "/sluice/quarkus-run.jar");
        assertThatItIsAsClaimed(image, command);
        // The libraries, which seldom change, stand under the gateway's own classes.
        assertThat(image.at("/OCIv1/rootfs/diff_ids")).hasSize(1 + 4);

        String container = buildah.container(IMAGE);
        assertThat(regularFiles(buildah.mount(container).resolve("sluice")))
                .hasSizeGreaterThan(100)
                .allMatch(file -> file.matches(".+ r[w-][x-]r-[x-]r-[x-] 0"));
        int management = EmbeddedRedis.freePort();
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"), "--save", "")) {
            Path log = directory.resolve("gateway.log");
            Map<String, String> environment = Map.of(
                    "QUARKUS_REDIS_HOSTS",
                    redis.uri(),
                    "QUARKUS_HTTP_HOST",
                    "127.0.0.1",
                    "QUARKUS_HTTP_PORT",
                    "0",
                    "QUARKUS_MANAGEMENT_HOST",
                    "127.0.0.1",
                    "QUARKUS_MANAGEMENT_PORT",
                    Integer.toString(management));
            Process running = buildah.start(container, environment, log, command);
            try {
                List<String> health = new ArrayList<>(healthCheck(image));
                health.add("http://127.0.0.1:" + management + "/q/health/ready");
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> buildah.start(container, Map.of(), directory.resolve("health.log"), health)
                                        .waitFor()
                                == 0);
                ProcessHandle gateway = running.descendants()
                        .filter(process -> process.info().command().orElse("").endsWith("/opt/java/bin/java"))
                        .findFirst()
                        .orElseThrow();
                assertThat(Files.getAttribute(Path.of("/proc", Long.toString(gateway.pid())), "unix:uid"))
                        .isEqualTo(1001);
                gateway.destroy();
                assertThat(running.waitFor(40, TimeUnit.SECONDS)).isTrue();
                assertThat(Files.readString(log)).contains("sluice stopped in");
            } finally {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
            }
        }
    }

    private static void assertThatItIsAsClaimed(JsonNode image, List<String> command) {
        JsonNode config = image.at("/Docker/config");
        assertThat(config.get("User").asText()).isEqualTo("1001:1001");
        assertThat(config.get("WorkingDir").asText()).isEqualTo("/sluice");
        assertThat(texts(config.get("Entrypoint"))).isEqualTo(command);
        assertThat(config.get("Cmd")).isEmpty();
        assertThat(config.get("ExposedPorts").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("8080/tcp", "9000/tcp");
        JsonNode labels = config.get("Labels");
        assertThat(labels.get("org.opencontainers.image.title").asText()).isEqualTo("Sluice");
        assertThat(labels.get("org.opencontainers.image.licenses").asText()).isEqualTo("Apache-2.0");
        assertThat(labels.get("org.opencontainers.image.description").asText()).isNotEmpty();
        assertThat(labels.get(VERSION).asText()).isEqualTo("1.2.3");
        assertThat(labels.get("org.opencontainers.image.revision").asText()).isEqualTo("abc");
        assertThat(healthCheck(image)).startsWith(command.get(0)).endsWith(command.get(command.size() - 1), "health");
    }

    private static List<String> healthCheck(JsonNode image) {
        List<String> test = texts(image.at("/Docker/config/Healthcheck/Test"));
        assertThat(test).startsWith("CMD");
        return test.subList(1, test.size());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** Each file's path, what may be done with it, and the number of its owner. */
    private static List<String> regularFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> found = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.add(root.relativize(file) + " "
                        + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + " "
                        + Files.getAttribute(file, "unix:uid"));
            }
            return found;
        }
    }

    private Path files(String name, String content) throws IOException {
        Path root = directory.resolve("base");
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), content);
        return root;
    }

    /** Where there is no native binary something stands in for it that is never run. */
    private Path binary() throws IOException {
        Path context = directory.resolve("context");
        Path binary = Files.createDirectories(context.resolve("target")).resolve("sluice-1.2.3-runner");
        if (Artifact.isNative()) {
            Files.copy(Path.of(System.getProperty("native.image.path")), binary);
        } else {
            Files.writeString(binary, "no binary");
        }
        return context;
    }

    private Path jars() throws IOException {
        Path context = directory.resolve("context");
        Tool.run(List.of(
                "cp",
                "-r",
                "target/quarkus-app",
                Files.createDirectories(context.resolve("target")).toString()));
        return context;
    }

    /** The Java of this machine, as small as it gets, and the libraries that it wants. */
    private Path jre() throws IOException {
        Path root = directory.resolve("base");
        Path java = root.resolve("opt/java");
        Files.createDirectories(java.getParent());
        Tool.run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
                "--add-modules",
                "java.se,jdk.crypto.ec,jdk.management,jdk.naming.dns,jdk.unsupported,jdk.zipfs",
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                java.toString()));
        for (String user :
                List.of("bin/java", "lib/server/libjvm.so", "lib/libnet.so", "lib/libnio.so", "lib/libzip.so")) {
            for (String word :
                    Tool.run(List.of("ldd", java.resolve(user).toString())).split("\\s+")) {
                if (word.startsWith("/lib") || word.startsWith("/usr/lib")) {
                    Path copy = root.resolve(word.substring(1));
                    Files.createDirectories(copy.getParent());
                    if (!Files.exists(copy)) {
                        Files.copy(Path.of(word), copy);
                    }
                }
            }
        }
        Files.createDirectories(root.resolve("tmp"));
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        return root;
    }
}
