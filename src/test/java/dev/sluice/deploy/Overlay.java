package dev.sluice.deploy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code kubectl kustomize} makes of one of the overlays. */
record Overlay(String text, List<HasMetadata> manifests) {
    private static final Path OVERLAYS = Path.of("deploy", "kubernetes", "overlays");

    static Overlay render(String name) throws IOException, InterruptedException {
        return render(OVERLAYS.resolve(name));
    }

    /** Of the base with one component. */
    static Overlay with(String component, Path directory) throws IOException, InterruptedException {
        Path kubernetes = directory
                .toAbsolutePath()
                .relativize(Path.of("deploy", "kubernetes").toAbsolutePath());
        Files.writeString(directory.resolve("kustomization.yaml"), """
                resources: [%s/base]
                components: [%s/components/%s]
                """.formatted(kubernetes, kubernetes, component));
        return render(directory);
    }

    private static Overlay render(Path directory) throws IOException, InterruptedException {
        Process kubectl = new ProcessBuilder("kubectl", "kustomize", directory.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (kubectl.waitFor() != 0) {
            throw new IllegalStateException(text);
        }
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
