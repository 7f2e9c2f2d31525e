package dev.sluice.deploy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code kubectl kustomize} makes of one of the overlays. */
record Overlay(String text, List<HasMetadata> manifests) {
    private static final Path OVERLAYS = Path.of("deploy", "kubernetes", "overlays");

    static Overlay render(String name) {
        return render(OVERLAYS.resolve(name));
    }

    /** Of the base with one component. */
    static Overlay with(String component, Path directory) throws IOException {
        Path kubernetes = directory
                .toAbsolutePath()
                .relativize(Path.of("deploy", "kubernetes").toAbsolutePath());
        Files.writeString(directory.resolve("kustomization.yaml"), """
                resources: [%s/base]
                components: [%s/components/%s]
                """.formatted(kubernetes, kubernetes, component));
        return render(directory);
    }

    private static Overlay render(Path directory) {
        String text = Tool.run(List.of("kubectl", "kustomize", directory.toString()));
        return new Overlay(text, Manifest.read(text));
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return manifests.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The only one of its kind and name. */
    <T extends HasMetadata> T only(Class<T> kind, String name) {
        return all(kind).stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
