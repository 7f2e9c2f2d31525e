package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
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
                .map(map -> map.getMetadata().getName())
                .toList();
        assertThat(maps).allMatch(map -> map.matches(".*-[a-z0-9]{10}"));
        assertThat(pods(overlay).stream()
                        .flatMap(pod -> pod.getSpec().getVolumes().stream())
                        .filter(volume -> volume.getConfigMap() != null)
                        .map(volume -> volume.getConfigMap().getName()))
                .containsExactlyInAnyOrderElementsOf(maps);
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
