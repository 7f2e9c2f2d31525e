package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.dev.EmbeddedRedis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIf;

/** What ships. */
@Tag("jdk")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProductionArtifactIT {
    private static final Pattern LISTENING = Pattern.compile(
            "Listening on: http://[^:]+:(\\d+)\\. Management interface listening on http://[^:]+:(\\d+)");
    private static final Path APP = Path.of("target", "quarkus-app");

    /** Of a native binary the continuous integration looks at what it is made of. */
    @Test
    @DisabledIf("dev.sluice.Artifact#isNative")
    void holdsNoEmbeddedRedisAndNoDevMode() throws IOException {
        List<String> entries = new ArrayList<>();
        try (Stream<Path> files = Files.walk(APP)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".jar")).toList()) {
                entries.add(file.getFileName().toString());
                try (JarFile jar = new JarFile(file.toFile())) {
                    jar.stream().forEach(entry -> entries.add(entry.getName()));
                }
            }
        }
        assertThat(entries)
                .contains("lua/accept.lua", "dev/sluice/ingress/Ingress.class")
                .noneMatch(name -> name.contains("embedded-redis") || name.startsWith("redis-server"))
                .noneMatch(name -> name.startsWith("dev/sluice/dev/"))
                .noneMatch(name -> name.contains("swagger-ui") && name.endsWith(".js"));
    }

    /** For who wants to know whether a fault of a library is one of the gateway's. */
    @Test
    @DisabledIf("dev.sluice.Artifact#isNative")
    void tellsWhatItIsMadeOf() throws IOException {
        JsonNode bill = new ObjectMapper()
                .readTree(Path.of("target", "quarkus-run-cyclonedx.json").toFile());
        assertThat(bill.get("bomFormat").asText()).isEqualTo("CycloneDX");
        Set<String> told = new HashSet<>();
        bill.get("components")
                .forEach(component -> component
                        .at("/evidence/occurrences")
                        .forEach(where -> told.add(where.get("location").asText())));
        try (Stream<Path> files = Files.walk(APP.resolve("lib"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> APP.relativize(file).toString()))
                    .isNotEmpty()
                    .isSubsetOf(told);
        }
        assertThat(told).noneMatch(location -> location.contains("embedded-redis"));
    }

    @Test
    void saysInOneLineThatRedisIsMissing() throws Exception {
        assertThat(start())
                .contains("quarkus.redis.hosts: it is missing; tell where Redis is")
                .doesNotContain("\tat ");
    }

    @Test
    void tellsAllFaultsOfItsConfigurationAndEnds() throws Exception {
        assertThat(start(
                        "-Dquarkus.redis.hosts=redis://127.0.0.1:1",
                        "-Dsluice.sources.shop.secrets=s3cret,",
                        "-Dsluice.lanes.lease=1s",
                        "-Dsluice.targets.erp.url=https://erp.internal",
                        "-Dsluice.targets.erp.tls=blind",
                        "-Dsluice.targets.erp.auth.oauth2=crm",
                        "-Dquarkus.tls.blind.trust-all=true",
                        "-Dquarkus.tls.trust-all=true",
                        "-Dquarkus.oidc-client.crm.token-path=https://idp.internal/token",
                        "-Dquarkus.oidc-client.crm.client-id=sluice",
                        "-Dsluice.typo=1"))
                .contains(
                        "sluice.sources.shop.secrets",
                        "sluice.lanes.lease",
                        "sluice.targets.erp.tls: quarkus.tls.blind does not verify",
                        "sluice.targets.erp.auth.oauth2: quarkus.oidc-client.crm does not verify",
                        "sluice.typo: there is no such key")
                .doesNotContain("s3cret", "\tat ");
    }

    @Test
    void endsWhenTheDataIsLaidOutInAnotherWay() throws Exception {
        Path directory = Path.of("target", "system", "layout");
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory, "--save", "")) {
            Process first = process("-Dquarkus.redis.hosts=" + redis.uri());
            await().until(() -> layoutIsRecorded(redis));
            first.destroy();
            assertThat(first.waitFor(40, TimeUnit.SECONDS)).isTrue();
            assertThat(start("-Dquarkus.redis.hosts=" + redis.uri(), "-Dsluice.lanes.partitions=32"))
                    .contains("partitions was '64'");
        }
    }

    @Test
    void describesItsApiWhereItIsCalled() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of("target", "system", "description"), "--save", "")) {
            Process gateway = process("-Dquarkus.redis.hosts=" + redis.uri());
            try (BufferedReader said = gateway.inputReader()) {
                Matcher listening = awaitListening(said);
                URI api = URI.create("http://127.0.0.1:" + listening.group(1));
                URI management = URI.create("http://127.0.0.1:" + listening.group(2));
                assertThat(get(api.resolve("/q/openapi"))).contains("openapi: 3.1.0");
                assertThat(get(api.resolve("/q/openapi?format=json"))).contains("\"openapi\"");
                assertThat(get(api.resolve("/q/swagger-ui/"))).contains("\"status\":404");
                assertThat(get(management.resolve("/q/openapi"))).doesNotContain("openapi: 3.1.0");
                assertThat(health(management.resolve("/q/health/live"))).isZero();
                assertThat(health(management.resolve("/q/nobody"))).isEqualTo(1);
            } finally {
                gateway.destroyForcibly();
            }
        }
    }

    /** As in an image of nothing but the binary, on a file system that is read only. */
    @Test
    void startsWhereNothingCanBeWritten() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(Path.of("target", "system", "read-only"), "--save", "")) {
            Process gateway = process("-Dquarkus.redis.hosts=" + redis.uri(), "-Djava.io.tmpdir=/proc/nowhere");
            try (BufferedReader said = gateway.inputReader()) {
                URI ready =
                        URI.create("http://127.0.0.1:" + awaitListening(said).group(2) + "/q/health/ready");
                await().until(() -> health(ready) == 0);
            } finally {
                gateway.destroyForcibly();
            }
        }
    }

    @Test
    void isNotWellWhereItDoesNotRun() throws Exception {
        assertThat(health(URI.create("http://127.0.0.1:1/q/health/live"))).isEqualTo(1);
    }

    /** Where the API and the management interface listen. */
    private static Matcher awaitListening(BufferedReader said) throws IOException {
        while (true) {
            String line = said.readLine();
            assertThat(line).as("the gateway ended").isNotNull();
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                return listening;
            }
        }
    }

    /** Asks as a container's health check does, and gives the exit code. */
    private static int health(URI where) throws IOException, InterruptedException {
        return new ProcessBuilder(Artifact.command(List.of(), "health", where.toString()))
                .start()
                .waitFor();
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    private static boolean layoutIsRecorded(EmbeddedRedis redis) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", redis.port())) {
            socket.getOutputStream().write("EXISTS sluice:{layout}:layout\r\n".getBytes());
            return new String(socket.getInputStream().readNBytes(2)).equals(":1");
        }
    }

    /** Starts it, waits until it ends with status 1, and gives what it said. */
    private static String start(String... settings) throws IOException, InterruptedException {
        Process process = process(settings);
        try (InputStream output = process.getInputStream()) {
            String said = new String(output.readAllBytes());
            assertThat(process.waitFor()).as(said).isEqualTo(1);
            return said;
        }
    }

    private static Process process(String... settings) throws IOException {
        List<String> options = new ArrayList<>(
                List.of("-Dquarkus.http.port=0", "-Dquarkus.management.port=0", "-Dquarkus.shutdown.delay=0s"));
        options.addAll(List.of(settings));
        return new ProcessBuilder(Artifact.command(options))
                .redirectErrorStream(true)
                .start();
    }
}
