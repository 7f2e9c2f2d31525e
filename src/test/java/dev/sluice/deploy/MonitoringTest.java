package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a person is told by the dashboard and the alerts; MonitoringIT sees that it is there to be told. */
class MonitoringTest {
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    @Test
    void everyPanelHasAUnitAndASentence() throws IOException {
        int shown = 0;
        for (JsonNode panel : Query.dashboard().get("panels")) {
            String title = panel.get("title").asText();
            if (!panel.get("type").asText().equals("row")) {
                shown++;
                assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                        .as(title)
                        .isNotEmpty();
                assertThat(panel.path("description").asText()).as(title).matches("[A-Z0-9].{20,}\\.");
                assertThat(panel.get("targets")).as(title).isNotEmpty();
            }
        }
        assertThat(shown).isPositive();
    }

    @Test
    void noPanelLiesOnAnother() throws IOException {
        Set<String> taken = new HashSet<>();
        for (JsonNode panel : Query.dashboard().get("panels")) {
            JsonNode where = panel.get("gridPos");
            for (int x = 0; x < where.get("w").asInt(); x++) {
                for (int y = 0; y < where.get("h").asInt(); y++) {
                    String cell =
                            where.get("x").asInt() + x + "," + (where.get("y").asInt() + y);
                    assertThat(taken.add(cell)).as(panel.get("title").asText()).isTrue();
                }
            }
        }
    }

    @Test
    void everyAlertTellsWhatIsWrongAndWhereItStandsWhatToDo() throws IOException {
        List<Rule> alerts = Query.rule().getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream())
                .toList();
        assertThat(alerts).isNotEmpty();
        for (Rule alert : alerts) {
            assertThat(alert.getLabels().get("severity")).isIn("critical", "warning");
            assertThat(alert.getAnnotations()).containsOnlyKeys("summary", "description", "runbook");
            String[] runbook = alert.getAnnotations().get("runbook").split("#", 2);
            assertThat(anchors(Path.of(runbook[0]))).as(alert.getAlert()).contains(runbook[1]);
        }
    }

    @Test
    void aQueryIsTakenApartIntoItsMetrics() {
        assertThat(new Query("", """
                        sum by (namespace, source) (rate(sluice_events_total{reason=~"signature-.+"}[5m]))
                          / on (pod) group_left (a) max(other_total offset 10m) > bool 0.05 unless third""").metrics()).containsExactly("other_total", "sluice_events_total", "third");
    }

    /** As GitHub names them. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
