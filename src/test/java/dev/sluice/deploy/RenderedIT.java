package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPBackendRef;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The overlays, as they are applied. Needs kubectl. */
@Tag("deploy")
class RenderedIT {
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void holdsNothingThatIsUnknown(String name) throws Exception {
        assertThat(Overlay.render(name).manifests())
                .isNotEmpty()
                .allSatisfy(manifest -> assertThat(Manifest.unknown(manifest)).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void whateverSelectsPodsSelectsSome(String name) throws Exception {
        Overlay overlay = Overlay.render(name);
        List<PodTemplateSpec> pods = pods(overlay);
        overlay.all(Service.class).forEach(service -> {
            List<PodTemplateSpec> selected = selected(pods, service.getSpec().getSelector());
            assertThat(selected).as(service.getMetadata().getName()).hasSize(1);
            List<String> ports = ports(selected.get(0));
            assertThat(service.getSpec().getPorts())
                    .extracting(port -> port.getTargetPort().getStrVal())
                    .as("ports of %s", service.getMetadata().getName())
                    .isSubsetOf(ports);
        });
        overlay.all(PodDisruptionBudget.class)
                .forEach(budget -> assertThat(
                                selected(pods, budget.getSpec().getSelector().getMatchLabels()))
                        .hasSize(1));
        overlay.all(NetworkPolicy.class)
                .forEach(policy -> assertThat(
                                selected(pods, policy.getSpec().getPodSelector().getMatchLabels()))
                        .hasSize(1));
        for (Deployment each : overlay.all(Deployment.class)) {
            assertThat(selected(pods, each.getSpec().getSelector().getMatchLabels()))
                    .containsExactly(each.getSpec().getTemplate());
        }
        for (StatefulSet each : overlay.all(StatefulSet.class)) {
            assertThat(selected(pods, each.getSpec().getSelector().getMatchLabels()))
                    .containsExactly(each.getSpec().getTemplate());
        }
    }

    /** Else a policy cuts off what it should let through, as soon as somebody enforces it. */
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void whomAPolicyNamesIsThereAndListensWhereItSays(String name) throws Exception {
        Overlay overlay = Overlay.render(name);
        List<PodTemplateSpec> pods = pods(overlay);
        List<Integer> reached = new ArrayList<>();
        for (NetworkPolicy policy : overlay.all(NetworkPolicy.class)) {
            List<PodTemplateSpec> own =
                    selected(pods, policy.getSpec().getPodSelector().getMatchLabels());
            policy.getSpec().getIngress().forEach(rule -> {
                rule.getFrom().stream()
                        .filter(peer -> peer.getNamespaceSelector() == null)
                        .filter(peer -> !labels(peer).isEmpty())
                        .forEach(peer -> assertThat(selected(pods, labels(peer)))
                                .as("who may reach %s", policy.getMetadata().getName())
                                .hasSize(1));
                assertListensToAny(own, rule.getPorts());
            });
            policy.getSpec()
                    .getEgress()
                    .forEach(rule -> rule.getTo().stream()
                            .filter(peer -> peer.getPodSelector() != null)
                            .forEach(peer -> {
                                List<PodTemplateSpec> others = selected(pods, labels(peer));
                                assertThat(others)
                                        .as(
                                                "whom %s may reach",
                                                policy.getMetadata().getName())
                                        .hasSize(1);
                                assertListensToAny(others, rule.getPorts());
                                rule.getPorts()
                                        .forEach(port ->
                                                reached.add(port.getPort().getIntVal()));
                            }));
        }
        assertThat(reached).as("Redis").contains(6379);
    }

    private static Map<String, String> labels(NetworkPolicyPeer peer) {
        Map<String, String> labels = peer.getPodSelector().getMatchLabels();
        return labels == null ? Map.of() : labels;
    }

    private static void assertListensToAny(List<PodTemplateSpec> pods, List<NetworkPolicyPort> wanted) {
        List<Object> listening = pods.stream()
                .flatMap(pod -> containers(pod.getSpec()).stream())
                .flatMap(container -> container.getPorts().stream())
                .flatMap(port -> Stream.<Object>of(port.getName(), port.getContainerPort()))
                .toList();
        assertThat(listening)
                .containsAnyElementsOf(
                        wanted.stream().map(port -> port.getPort().getValue()).toList());
    }

    /** As the "restricted" level of the Pod Security Standards wants it, which the namespaces enforce, and a little more. */
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void podsMayDoNoMoreThanTheyMust(String name) throws Exception {
        for (PodTemplateSpec pod : pods(Overlay.render(name))) {
            PodSpec spec = pod.getSpec();
            assertThat(spec.getAutomountServiceAccountToken()).isFalse();
            assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(spec.getSecurityContext().getRunAsUser()).isPositive();
            assertThat(spec.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            for (Container container : containers(spec)) {
                SecurityContext may = container.getSecurityContext();
                assertThat(may.getAllowPrivilegeEscalation()).isFalse();
                assertThat(may.getReadOnlyRootFilesystem()).isTrue();
                assertThat(may.getCapabilities().getDrop()).containsExactly("ALL");
                assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
                assertThat(container.getResources().getLimits()).containsKey("memory");
                assertThat(container.getImage()).as("an image with its version").contains(":");
            }
        }
    }

    /** A change of the configuration has another name, and so rolls the pods. */
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void podsMountTheConfigurationThatIsThere(String name) throws Exception {
        Overlay overlay = Overlay.render(name);
        List<String> maps = overlay.all(ConfigMap.class).stream()
                .filter(map -> !map.getMetadata().getName().equals("sluice-dashboard"))
                .map(map -> map.getMetadata().getName())
                .toList();
        assertThat(maps).allMatch(map -> map.matches(".*-[a-z0-9]{10}"));
        assertThat(pods(overlay).stream()
                        .flatMap(pod -> pod.getSpec().getVolumes().stream())
                        .filter(volume -> volume.getConfigMap() != null)
                        .map(volume -> volume.getConfigMap().getName()))
                .containsExactlyInAnyOrderElementsOf(maps);
    }

    @Test
    void prometheusFindsTheGatewaysByTheirServiceAndNothingElse() throws Exception {
        Overlay overlay = Overlay.render("prod");
        ServiceMonitor monitor = overlay.only(ServiceMonitor.class, "sluice");
        List<Service> found = overlay.all(Service.class).stream()
                .filter(service -> service.getMetadata().getLabels() != null
                        && service.getMetadata()
                                .getLabels()
                                .entrySet()
                                .containsAll(monitor.getSpec()
                                        .getSelector()
                                        .getMatchLabels()
                                        .entrySet()))
                .toList();
        assertThat(found).hasSize(1);
        assertThat(found.get(0).getSpec().getPorts())
                .extracting(ServicePort::getName)
                .contains(monitor.getSpec().getEndpoints().get(0).getPort());
    }

    /** Two that scale one deployment would be at odds for ever. */
    @Test
    void oneAutoscalerScalesTheGateways() throws Exception {
        assertThat(Overlay.render("dev").all(HorizontalPodAutoscaler.class))
                .singleElement()
                .satisfies(each ->
                        assertThat(each.getSpec().getScaleTargetRef().getName()).isEqualTo("sluice"));
        Overlay prod = Overlay.render("prod");
        assertThat(prod.all(HorizontalPodAutoscaler.class)).isEmpty();
        GenericKubernetesResource keda = prod.only(GenericKubernetesResource.class, "sluice");
        assertThat(keda.<String>get("spec", "scaleTargetRef", "name"))
                .isEqualTo(prod.only(Deployment.class, "sluice").getMetadata().getName());
    }

    @Test
    void theAutoscalerAsksForTheMetricsOfItsOwnNamespace() throws Exception {
        GenericKubernetesResource keda = Overlay.render("prod").only(GenericKubernetesResource.class, "sluice");
        assertThat(Query.ofAlerts())
                .anySatisfy(alert -> assertThat(alert.promql())
                        .isEqualTo("absent(sluice_redis_up{namespace=\""
                                + keda.getMetadata().getNamespace() + "\"})"));
        for (Query query : Query.ofAutoscaler()) {
            assertThat(query.promql())
                    .contains("namespace=\"" + keda.getMetadata().getNamespace() + "\"")
                    .doesNotContainPattern("_[a-z]+ |_[a-z]+\\)");
        }
    }

    /** Whoever limits bodies at less would turn away what the gateway takes, and with an answer that it does not know of. */
    @Test
    void theIngressLetsThroughWhatTheGatewayTakesToWhereItTakesIt(@TempDir Path directory) throws Exception {
        Overlay overlay = Overlay.with("ingress", directory);
        Ingress ingress = overlay.only(Ingress.class, "sluice");
        assertThat(Manifest.unknown(ingress)).isEmpty();
        IngressServiceBackend backend = ingress.getSpec()
                .getRules()
                .get(0)
                .getHttp()
                .getPaths()
                .get(0)
                .getBackend()
                .getService();
        assertThat(overlay.only(Service.class, backend.getName()).getSpec().getPorts())
                .extracting(ServicePort::getName)
                .contains(backend.getPort().getName());
        Properties gateway = new Properties();
        gateway.load(Files.newBufferedReader(Path.of("src", "main", "resources", "application.properties")));
        String limit = gateway.getProperty("quarkus.http.limits.max-body-size");
        assertThat(ingress.getMetadata().getAnnotations())
                .containsEntry("nginx.org/client-max-body-size", limit.toLowerCase(Locale.ROOT))
                .containsEntry("nginx.ingress.kubernetes.io/proxy-body-size", limit.toLowerCase(Locale.ROOT));
    }

    @Test
    void theRouteLeadsToTheGateway(@TempDir Path directory) throws Exception {
        Overlay overlay = Overlay.with("gateway-api", directory);
        HTTPRoute route = overlay.only(HTTPRoute.class, "sluice");
        assertThat(Manifest.unknown(route)).isEmpty();
        assertThat(route.getSpec().getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getFilters()).isEmpty();
            HTTPBackendRef backend = rule.getBackendRefs().get(0);
            assertThat(overlay.only(Service.class, backend.getName()).getSpec().getPorts())
                    .extracting(ServicePort::getPort)
                    .contains(backend.getPort());
        });
    }

    private static List<PodTemplateSpec> pods(Overlay overlay) {
        return Stream.concat(
                        overlay.all(Deployment.class).stream()
                                .map(each -> each.getSpec().getTemplate()),
                        overlay.all(StatefulSet.class).stream()
                                .map(each -> each.getSpec().getTemplate()))
                .toList();
    }

    private static List<PodTemplateSpec> selected(List<PodTemplateSpec> pods, Map<String, String> labels) {
        assertThat(labels).isNotEmpty();
        return pods.stream()
                .filter(pod -> pod.getMetadata().getLabels().entrySet().containsAll(labels.entrySet()))
                .toList();
    }

    private static List<Container> containers(PodSpec spec) {
        return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
                .toList();
    }

    private static List<String> ports(PodTemplateSpec pod) {
        return containers(pod.getSpec()).stream()
                .flatMap(container -> container.getPorts().stream())
                .map(ContainerPort::getName)
                .toList();
    }
}
