package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Prometheus is asked for by a panel of the dashboard, an alert or the autoscaler.
 *
 * @param by the panel's title, the alert's name, the trigger's name
 * @param promql the expression, with the dashboard's variables filled in
 */
record Query(String by, String promql) {
    static final String NAMESPACE = "sluice";

    private static final Path COMPONENTS = Path.of("deploy", "kubernetes", "components");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is no metric's name: texts, label matchers, ranges, and the lists of labels behind some words. */
    private static final Pattern NO_METRICS = Pattern.compile(
            "\"[^\"]*\"|\\{[^}]*}|\\[[^]]*]|\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

    private static final Pattern NAME = Pattern.compile("\\b([a-zA-Z_:][a-zA-Z0-9_:]*)\\b(?!\\s*\\()");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset");

    /** Those of the dashboard. */
    static List<Query> ofPanels() throws IOException {
        List<Query> queries = new ArrayList<>();
        for (JsonNode panel : dashboard().get("panels")) {
            panel.path("targets")
                    .forEach(target -> queries.add(new Query(
                            panel.get("title").asText(),
                            target.get("expr")
                                    .asText()
                                    .replace("$__rate_interval", "1m")
                                    .replace("$namespace", NAMESPACE))));
        }
        return queries;
    }

    static List<Query> ofAlerts() throws IOException {
        return rule().getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream())
                .map(alert -> new Query(
                        alert.getAlert(), String.valueOf(alert.getExpr().getValue())))
                .toList();
    }

    static List<Query> ofAutoscaler() throws IOException {
        GenericKubernetesResource scaled = (GenericKubernetesResource)
                Manifest.read(Files.readString(COMPONENTS.resolve("keda/scaledobject.yaml")))
                        .get(0);
        List<Query> queries = new ArrayList<>();
        JSON.valueToTree(scaled.getAdditionalProperties())
                .path("spec")
                .path("triggers")
                .forEach(trigger -> {
                    if (trigger.path("type").asText().equals("prometheus")) {
                        queries.add(new Query(
                                trigger.path("name").asText(),
                                trigger.at("/metadata/query").asText()));
                    }
                });
        return queries;
    }

    static JsonNode dashboard() throws IOException {
        return JSON.readTree(COMPONENTS.resolve("monitoring/sluice.json").toFile());
    }

    static PrometheusRule rule() throws IOException {
        return (PrometheusRule) Manifest.read(Files.readString(COMPONENTS.resolve("monitoring/prometheusrule.yaml")))
                .get(0);
    }

    /** The names of all metrics in it. */
    Set<String> metrics() {
        Set<String> names = new TreeSet<>();
        Matcher name = NAME.matcher(NO_METRICS.matcher(promql).replaceAll(" "));
        while (name.find()) {
            if (!WORDS.contains(name.group(1))) {
                names.add(name.group(1));
            }
        }
        return names;
    }
}
