package dev.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.target.WebhookSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookRequestTest {
    private static final WebhookSettings SETTINGS =
            new WebhookSettings(true, Set.of(), Set.of(), Set.of(), Duration.ofHours(1), 1, Optional.empty());

    @ParameterizedTest
    @ValueSource(strings = {"url", "events", "enabled"})
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

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
