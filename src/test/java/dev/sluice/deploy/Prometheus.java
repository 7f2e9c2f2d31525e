package dev.sluice.deploy;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.dev.EmbeddedRedis;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Prometheus that looks at one gateway every second, as if that were a pod; and its tool for rules. Needs both on the path. */
final class Prometheus implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final URI uri;

    private Prometheus(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    static Prometheus scraping(URI metrics, Path directory) throws IOException {
        Files.createDirectories(directory);
        Path configuration = Files.writeString(directory.resolve("prometheus.yaml"), """
                scrape_configs:
                  - job_name: sluice-management
                    scrape_interval: 1s
                    metrics_path: %s
                    static_configs:
                      - targets: ["%s"]
                        labels: {namespace: %s, pod: sluice-0}
                """.formatted(
                        metrics.getPath(), metrics.getAuthority(), Query.NAMESPACE));
        String address = "127.0.0.1:" + EmbeddedRedis.freePort();
        Process process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=" + address)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("prometheus.log").toFile())
                .start();
        Prometheus prometheus = new Prometheus(process, URI.create("http://" + address));
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> prometheus.answers("up") == 1);
        return prometheus;
    }

    /** Tests the alerts of the manifests by what is expected of them. */
    static void checkAlerts(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("rules.yaml"),
                new KubernetesSerialization()
                        .asYaml(Map.of("groups", Query.rule().getSpec().getGroups())));
        Files.copy(Path.of("src", "test", "resources", "deploy", "alerts-test.yaml"), directory.resolve("test.yaml"));
        promtool(directory, "check", "rules", "rules.yaml");
        promtool(directory, "test", "rules", "test.yaml");
    }

    /** How many series an expression has now. */
    int answers(String promql) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(
                                uri.resolve("/api/v1/query?query=" + URLEncoder.encode(promql, StandardCharsets.UTF_8)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode answer = JSON.readTree(response.body());
        if (response.statusCode() != 200) {
            throw new IllegalArgumentException(
                    promql + ": " + answer.path("error").asText());
        }
        return answer.at("/data/result").size();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static void promtool(Path directory, String action, String kind, String file) {
        Tool.run(new ProcessBuilder("promtool", action, kind, file).directory(directory.toFile()));
    }
}
