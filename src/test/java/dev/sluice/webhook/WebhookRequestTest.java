package dev.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.target.Filter;
import dev.sluice.target.WebhookSettings;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookRequestTest {
    private static final WebhookSettings SETTINGS =
            new WebhookSettings(true, Set.of(), Set.of(), Set.of(), Duration.ofHours(1), 1, Optional.empty());

    @ParameterizedTest
    @ValueSource(strings = {"url", "events", "filters", "enabled"})
    void aChangeToNullIsRefusedRatherThanPassedOver(String member) {
        assertThatExceptionOfType(WebhookRequest.Invalid.class)
                .isThrownBy(() -> WebhookRequest.ofChange(bytes("{\"" + member + "\":null}"), SETTINGS))
                .satisfies(invalid -> assertThat(invalid.faults())
                        .containsExactly(Fault.ofMember(member, "it is null", "leave out what is to stay as it is")));
    }

    @Test
    void ofANewOneNullIsAsGoodAsNothing() throws Exception {
        WebhookRequest request = WebhookRequest.ofNew(
                bytes(
                        "{\"url\":\"http://x/\",\"events\":[\"*\"],\"description\":null,\"policy\":null,\"ordered\":null}"),
                SETTINGS);
        assertThat(request.description()).isEmpty();
        assertThat(request.policy()).isEmpty();
        assertThat(request.ordered()).isEmpty();
        assertThatExceptionOfType(WebhookRequest.Invalid.class)
                .isThrownBy(() -> WebhookRequest.ofNew(bytes("{\"url\":null,\"events\":[\"*\"]}"), SETTINGS))
                .satisfies(invalid ->
                        assertThat(invalid.faults()).containsExactly(Fault.ofMember("url", "it is missing", "add it")));
    }

    @Test
    void filtersAreReadAsTextAndNumbersToTheDigit() throws Exception {
        WebhookRequest request = WebhookRequest.ofChange(
                bytes("{\"filters\":["
                        + "{\"pointer\":\"/a\",\"equals\":\"x\"},"
                        + "{\"pointer\":\"/a\",\"equals\":5.50,\"exists\":true},"
                        + "{\"pointer\":\"/a~1b\",\"in\":[true,\"\",9007199254740993],\"glob\":\"*\"},"
                        + "{\"pointer\":\"/\",\"greaterThan\":0.1000000000000000000000000000001,\"atLeast\":-1,"
                        + "\"lessThan\":1e40,\"atMost\":12}]}"),
                SETTINGS);
        assertThat(request.filters().orElseThrow())
                .containsExactly(
                        new Filter("/a", "x", null, null, null, null, null, null, null),
                        new Filter("/a", "5.5", null, null, true, null, null, null, null),
                        new Filter(
                                "/a~1b",
                                null,
                                List.of("true", "", "9007199254740993"),
                                "*",
                                null,
                                null,
                                null,
                                null,
                                null),
                        new Filter(
                                "/",
                                null,
                                null,
                                null,
                                null,
                                new BigDecimal("0.1000000000000000000000000000001"),
                                new BigDecimal("-1"),
                                new BigDecimal("1E+40"),
                                new BigDecimal("12")));
        assertThat(WebhookRequest.ofChange(bytes("{\"filters\":[]}"), SETTINGS).filters())
                .hasValue(List.of());
        assertThat(WebhookRequest.ofChange(bytes("{}"), SETTINGS).filters()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|/filters",
                "'/a'|/filters",
                "[1,{},null]|/filters/0 /filters/1/pointer /filters/2",
                "[{'pointer':'/a'}]|/filters/0",
                "[{'pointer':'a','exists':true}]|/filters/0/pointer",
                "[{'pointer':'','exists':true}]|/filters/0/pointer",
                "[{'pointer':'/~2','exists':true}]|/filters/0/pointer",
                "[{'pointer':7,'exists':true}]|/filters/0/pointer",
                "[{'pointer':'/LONG512','exists':true}]|/filters/0/pointer",
                "[{'pointer':'/a','equal/s':1}]|/filters/0/equal~1s",
                "[{'pointer':'/a','equals':null}]|/filters/0/equals",
                "[{'pointer':'/a','equals':{}}]|/filters/0/equals",
                "[{'pointer':'/a','equals':'LONG129'}]|/filters/0/equals",
                "[{'pointer':'/a','equals':1e99999}]|/filters/0/equals",
                "[{'pointer':'/a','in':[]}]|/filters/0/in",
                "[{'pointer':'/a','in':'x'}]|/filters/0/in",
                "[{'pointer':'/a','in':['x',[],'LONG129']}]|/filters/0/in/1 /filters/0/in/2",
                "[{'pointer':'/a','in':[MANY100,1]}]|/filters/0/in",
                "[{'pointer':'/a','glob':''}]|/filters/0/glob",
                "[{'pointer':'/a','glob':1}]|/filters/0/glob",
                "[{'pointer':'/a','exists':'true'}]|/filters/0/exists",
                "[{'pointer':'/a','atLeast':'1'}]|/filters/0/atLeast",
                "[{'pointer':'/a','greaterThan':1e999999999,'lessThan':true,'atMost':[]}]|/filters/0/greaterThan /filters/0/lessThan /filters/0/atMost",
                "[MANY20,{'pointer':'/a','exists':true}]|/filters"
            })
    void allFaultsOfFiltersAreToldAtTheirPlaces(String filters, String places) {
        String body = "{\"filters\":" + filters.replace('\'', '"') + ",\"url\":1}";
        body = body.replace("LONG", "x".repeat(511))
                .replace("x".repeat(511) + "129", "x".repeat(129))
                .replace("MANY100", "1" + ",1".repeat(99))
                .replace(
                        "MANY20",
                        "{\"pointer\":\"/a\",\"exists\":true}" + ",{\"pointer\":\"/a\",\"exists\":true}".repeat(19));
        byte[] bytes = bytes(body);
        assertThatExceptionOfType(WebhookRequest.Invalid.class)
                .isThrownBy(() -> WebhookRequest.ofChange(bytes, SETTINGS))
                .satisfies(invalid -> assertThat(invalid.faults())
                        .extracting(Fault::pointer)
                        .containsExactlyInAnyOrder(("/url " + places).split(" ")));
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
