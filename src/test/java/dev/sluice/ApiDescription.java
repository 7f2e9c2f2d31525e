package dev.sluice;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What META-INF/openapi.yaml says of the API, with its references followed. */
record ApiDescription(JsonNode document) {
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    static ApiDescription read() {
        try (InputStream yaml = ApiDescription.class.getResourceAsStream("/META-INF/openapi.yaml")) {
            return new ApiDescription(new ObjectMapper(new YAMLFactory()).readTree(yaml));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A body and what is said of it: a request's or an answer's of one media type. */
    record Body(String mediaType, JsonNode schema, Map<String, JsonNode> examples) {
        /** As it goes over the wire: text as it stands, anything else as JSON. */
        static String text(JsonNode example) {
            return example.isTextual() ? example.textValue() : example.toString();
        }
    }

    /** One operation. {@code parent} is its path item. */
    record Operation(String method, String path, JsonNode node, JsonNode parent, ApiDescription api) {

        String id() {
            return node.path("operationId").asText();
        }

        /** The roles of which a key must have one; empty where no key is wanted, null where that is not said. */
        Set<String> roles() {
            if (!node.has("security")) {
                return null;
            }
            Set<String> roles = new TreeSet<>();
            node.get("security").forEach(scheme -> scheme.path("apiKey").forEach(role -> roles.add(role.textValue())));
            return roles;
        }

        /** Names of the parameters in {@code query}, {@code path} or {@code header}. */
        Set<String> parameters(String in) {
            Set<String> names = new TreeSet<>();
            for (JsonNode parameter : allParameters()) {
                if (parameter.path("in").asText().equals(in)) {
                    names.add(parameter.path("name").asText());
                }
            }
            return names;
        }

        List<JsonNode> allParameters() {
            List<JsonNode> all = new ArrayList<>();
            parent.path("parameters").forEach(each -> all.add(api.follow(each)));
            node.path("parameters").forEach(each -> all.add(api.follow(each)));
            return all;
        }

        List<Body> request() {
            return api.bodies(api.follow(node.path("requestBody")));
        }

        Set<Integer> statuses() {
            Set<Integer> statuses = new TreeSet<>();
            node.path("responses").fieldNames().forEachRemaining(status -> statuses.add(Integer.valueOf(status)));
            return statuses;
        }

        JsonNode answer(int status) {
            return api.follow(node.path("responses").path(String.valueOf(status)));
        }

        List<Body> answerBodies(int status) {
            return api.bodies(answer(status));
        }

        /** What is said of the headers that an answer always has. */
        Map<String, JsonNode> answerHeaders(int status) {
            Map<String, JsonNode> headers = new LinkedHashMap<>();
            answer(status).path("headers").fields().forEachRemaining(each -> {
                JsonNode header = api.follow(each.getValue());
                if (header.path("required").asBoolean()) {
                    headers.put(each.getKey(), header);
                }
            });
            return headers;
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        document.path("paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(each -> {
                    if (METHODS.contains(each.getKey())) {
                        operations.add(new Operation(
                                each.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                each.getValue(),
                                path.getValue(),
                                this));
                    }
                }));
        return operations;
    }

    Operation operation(String name) {
        return operations().stream()
                .filter(each -> each.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("META-INF/openapi.yaml does not describe " + name));
    }

    /** What does not fit a schema of this document; empty when all does. */
    List<String> misfits(JsonNode schema, JsonNode value) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", document.get("components"));
        return misfits(SCHEMAS.getSchema(whole), value);
    }

    /** What is wrong with the document itself. */
    List<String> misfits() {
        List<String> found = new ArrayList<>();
        try (InputStream schema = ApiDescription.class.getResourceAsStream("/openapi-3.1.schema.json")) {
            found.addAll(misfits(SCHEMAS.getSchema(schema, InputFormat.JSON), document));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Schema ofSchemas = SCHEMAS.getSchema("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}");
        document.findParents("$ref").forEach(each -> {
            if (follow(each).isMissingNode()) {
                found.add("nothing stands at " + each.get("$ref"));
            }
        });
        document.findValues("schema").forEach(each -> found.addAll(misfits(ofSchemas, each)));
        document.path("components").path("schemas").forEach(each -> found.addAll(misfits(ofSchemas, each)));
        return found;
    }

    /** Components that nothing refers to. */
    Set<String> unused() {
        Set<String> there = new TreeSet<>();
        document.path("components").fields().forEachRemaining(kind -> {
            if (!kind.getKey().equals("securitySchemes")) {
                kind.getValue()
                        .fieldNames()
                        .forEachRemaining(name -> there.add("#/components/" + kind.getKey() + "/" + name));
            }
        });
        there.removeAll(document.findValuesAsText("$ref"));
        return there;
    }

    private static List<String> misfits(Schema schema, JsonNode value) {
        return schema.validate(value).stream()
                .map(error -> error.getInstanceLocation() + " " + error.getMessage())
                .toList();
    }

    private JsonNode follow(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").textValue().substring(1)) : node;
    }

    private List<Body> bodies(JsonNode owner) {
        List<Body> bodies = new ArrayList<>();
        owner.path("content").fields().forEachRemaining(content -> {
            Map<String, JsonNode> examples = new LinkedHashMap<>();
            content.getValue()
                    .path("examples")
                    .fields()
                    .forEachRemaining(
                            each -> examples.put(each.getKey(), each.getValue().path("value")));
            bodies.add(new Body(content.getKey(), content.getValue().path("schema"), examples));
        });
        return bodies;
    }
}
