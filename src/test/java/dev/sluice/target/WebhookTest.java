package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** As it is kept in Redis. */
class WebhookTest {
    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();

    @Test
    void oneThatWasStoredBeforeThereWereFiltersHasNoneAndIsWrittenAsItWas() throws Exception {
        String stored = "{\"url\":\"http://x/\",\"events\":[\"*\"],\"ordered\":true,\"enabled\":true,"
                + "\"createdAt\":0,\"secret\":\"s\"}";
        Webhook webhook = JSON.readValue(stored, Webhook.class);
        assertThat(webhook.filters()).isEmpty();
        assertThat(JSON.readTree(JSON.writeValueAsString(webhook)).has("filters"))
                .isFalse();
    }

    @Test
    void filtersAreKeptToTheDigitWhateverElseChanges() throws Exception {
        Filter filter = new Filter(
                "/data/total",
                "a",
                List.of("b", "c"),
                "d*",
                true,
                new BigDecimal("0.1000000000000000000000000000001"),
                new BigDecimal("1E+40"),
                new BigDecimal("12.50"),
                new BigDecimal("-1"));
        Webhook webhook = new Webhook(
                        URI.create("http://x/"),
                        List.of("*"),
                        List.of(filter),
                        true,
                        null,
                        null,
                        true,
                        null,
                        Instant.EPOCH,
                        "s",
                        null,
                        null)
                .rotate("new", Instant.EPOCH)
                .disable("a test")
                .enable();
        assertThat(webhook.filters()).containsExactly(filter);
        assertThat(JSON.readValue(JSON.writeValueAsString(webhook), Webhook.class))
                .isEqualTo(webhook);
    }
}
