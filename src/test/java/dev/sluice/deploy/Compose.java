package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The compose file. */
record Compose(JsonNode file) {
    private static final Path DIRECTORY = Path.of("deploy");

    static Compose read() throws IOException {
        Map<?, ?> file =
                new KubernetesSerialization().unmarshal(Files.readString(DIRECTORY.resolve("compose.yaml")), Map.class);
        return new Compose(new ObjectMapper().valueToTree(file));
    }

    JsonNode service(String name) {
        return file.at("/services/" + name);
    }

    /** What the gateway is configured with. */
    Path configuration() {
        return DIRECTORY.resolve(file.at("/configs/gateway/file").asText());
    }
}
