package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.quarkus.runtime.configuration.DurationConverter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is under deploy/kubernetes, as far as a JDK can tell; RenderedIT looks at what is applied. */
class ManifestsTest {
    private static final Path KUBERNETES = Path.of("deploy", "kubernetes");
    private static final Duration HANDING_BACK = Duration.ofSeconds(5);
    private static final Duration ORDINARY_TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern TIMEOUT = Pattern.compile("sluice\\.(targets|policies)\\.[^.]+\\.timeout");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+)}");

    @Test
    void everyManifestIsOneThatKubernetesKnowsWhole() throws IOException {
        List<HasMetadata> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(KUBERNETES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .filter(path -> !path.endsWith("kustomization.yaml"))
                    .toList()) {
                all.addAll(Manifest.read(Files.readString(file)));
            }
        }
        assertThat(all)
                .isNotEmpty()
                .allSatisfy(manifest -> assertThat(Manifest.unknown(manifest)).isEmpty());
    }

    @Test
    void aFieldThatThereIsNotIsNoticed() {
        assertThat(Manifest.unknown(Manifest.read("""
                        apiVersion: v1
                        kind: Service
                        metadata: {name: sluice}
                        spec: {ports: [{port: 80, targetport: http}]}
                        """).get(0)))
                .containsExactly("Service/sluice.spec.ports[0].targetport");
        assertThat(Manifest.unknown(Manifest.read("""
                        apiVersion: v2
                        kind: Servise
                        metadata: {name: sluice}
                        """).get(0))).isNotEmpty();
        assertThat(Manifest.unknown(Manifest.read("""
                        apiVersion: monitoring.coreos.com/v1
                        kind: ServiceMonitor
                        metadata: {name: sluice}
                        spec: {endpoints: [{prot: management}]}
                        """).get(0)))
                .containsExactly("ServiceMonitor/sluice.spec.endpoints[0].prot");
        assertThat(Manifest.unknown(Manifest.read("""
                        apiVersion: keda.sh/v1alpha1
                        kind: ScaledObject
                        metadata: {name: sluice}
                        spec: {scaleTargetRef: {name: sluice}, maxReplicas: 6, triggers: [{type: cpu, metadata: {value: "70"}}]}
                        """).get(0)))
                .singleElement()
                .asString()
                .contains("maxReplicas");
        assertThat(Manifest.unknown(Manifest.read("""
                        apiVersion: gateway.networking.k8s.io/v1
                        kind: HTTPRoute
                        metadata: {name: sluice}
                        spec: {rules: [{timeouts: {requests: 30s}}]}
                        """).get(0)))
                .containsExactly("HTTPRoute/sluice.spec.rules[0].timeouts.requests");
    }

    /** Else Kubernetes would kill a pod that still waits for the answer of a target. */
    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/dev", "overlays/prod"})
    void aPodHasTheTimeToEndWhatItIsAt(String where) throws IOException {
        Properties properties = properties(where);
        Duration delay = duration(properties.getProperty("quarkus.shutdown.delay"));
        Duration timeout = duration(properties.getProperty("quarkus.shutdown.timeout"));
        Duration longest = properties.stringPropertyNames().stream()
                .filter(name -> TIMEOUT.matcher(name).matches())
                .map(name -> duration(properties.getProperty(name)))
                .reduce(ORDINARY_TIMEOUT, (one, other) -> one.compareTo(other) > 0 ? one : other);
        assertThat(timeout).isGreaterThanOrEqualTo(longest);
        assertThat(Duration.ofSeconds(pod().getTerminationGracePeriodSeconds()))
                .isGreaterThanOrEqualTo(delay.plus(timeout.multipliedBy(2)).plus(HANDING_BACK));
    }

    @Test
    void aComposedGatewayHasTheTimeToEndWhatItIsAtAndFindsWhatItIsConfiguredWith() throws IOException {
        Compose compose = Compose.read();
        Properties gateway = gateway();
        assertThat(duration(compose.service("gateway").get("stop_grace_period").asText()))
                .isGreaterThanOrEqualTo(duration(gateway.getProperty("%prod.quarkus.shutdown.delay"))
                        .plus(duration(gateway.getProperty("quarkus.shutdown.timeout"))
                                .multipliedBy(2))
                        .plus(HANDING_BACK));
        Properties configuration = new Properties();
        configuration.load(Files.newBufferedReader(compose.configuration()));
        for (String key : List.of("quarkus.redis.hosts", "sluice.targets.sink.url")) {
            String host = URI.create(configuration.getProperty(key)).getHost();
            assertThat(compose.service(host).isObject()).as(host).isTrue();
        }
        assertThat(Path.of(
                                "deploy",
                                compose.service("gateway").at("/build/context").asText())
                        .resolve(compose.service("gateway")
                                .at("/build/dockerfile")
                                .asText()))
                .isRegularFile();
        assertThat(compose.service("gateway").at("/configs/0/target").asText())
                .isEqualTo("/sluice/config/application.properties");
    }

    /** As long as Kubernetes' proxies may still send it something, it serves. */
    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/dev", "overlays/prod"})
    void aPodThatStopsServesUntilNobodySendsItAnythingMore(String where) throws IOException {
        Probe ready = container().getReadinessProbe();
        Duration noticed = Duration.ofSeconds((long) ready.getPeriodSeconds() * ready.getFailureThreshold());
        assertThat(duration(properties(where).getProperty("quarkus.shutdown.delay")))
                .isGreaterThan(noticed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/dev", "overlays/prod"})
    void everySecretThatIsNamedIsInTheEnvironment(String where) throws IOException {
        Set<String> named = new TreeSet<>();
        VARIABLE.matcher(Files.readString(file(where))).results().forEach(match -> named.add(match.group(1)));
        Stream<EnvVar> given = container().getEnv().stream();
        Path patch = KUBERNETES.resolve(where).resolve("deployment.yaml");
        if (Files.exists(patch) && !where.equals("base")) {
            given = Stream.concat(given, container(patch).getEnv().stream());
        }
        assertThat(given.peek(variable -> assertThat(variable.getValueFrom()
                                        .getSecretKeyRef()
                                        .getOptional())
                                .as("nothing starts without %s", variable.getName())
                                .isNull())
                        .map(EnvVar::getName))
                .containsExactlyInAnyOrderElementsOf(named);
    }

    @Test
    void probesAndPortsAreThoseOfTheGateway() throws IOException {
        Properties gateway = gateway();
        assertThat(container().getPorts())
                .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(
                                "http", Integer.parseInt(gateway.getProperty("quarkus.http.port"))),
                        // Quarkus' own; DescribedIT sees that it answers there.
                        org.assertj.core.groups.Tuple.tuple("management", 9000));
        for (Probe probe : List.of(
                container().getStartupProbe(),
                container().getLivenessProbe(),
                container().getReadinessProbe())) {
            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
        }
    }

    private static Properties gateway() throws IOException {
        Properties gateway = new Properties();
        gateway.load(Files.newBufferedReader(Path.of("src", "main", "resources", "application.properties")));
        return gateway;
    }

    private static Properties properties(String where) throws IOException {
        Properties properties = new Properties();
        properties.load(Files.newBufferedReader(file(where)));
        return properties;
    }

    private static Path file(String where) {
        return KUBERNETES.resolve(where).resolve("application.properties");
    }

    private static Duration duration(String text) {
        return new DurationConverter().convert(text);
    }

    private static PodSpec pod() throws IOException {
        return ((Deployment) Manifest.read(Files.readString(KUBERNETES.resolve("base/deployment.yaml")))
                        .get(0))
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static Container container() throws IOException {
        return pod().getContainers().get(0);
    }

    private static Container container(Path file) throws IOException {
        return ((Deployment) Manifest.read(Files.readString(file)).get(0))
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
    }
}
