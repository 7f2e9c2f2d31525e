package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The compose file. */
record Compose(JsonNode file) {
    static Compose read() throws IOException {
        Map<?, ?> file =
                new KubernetesSerialization().unmarshal(Files.readString(Path.of("deploy", "compose.yaml")), Map.class);
        return new Compose(new ObjectMapper().valueToTree(file));
    }

    JsonNode service(String name) {
        return file.at("/services/" + name);
    }

    /** What the gateway is configured with. */
    Properties configuration() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(file.at("/configs/gateway/content").asText()));
        return properties;
    }
}
