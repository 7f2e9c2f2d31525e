package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracingSwitchTest {
    private static final String DISABLED = "quarkus.otel.sdk.disabled";

    @Test
    void staysOffWithoutAnEndpoint() {
        assertThat(disabled(Map.of())).isTrue();
    }

    @Test
    void anEndpointThatNobodySetSwitchesNothingOn() {
        SmallRyeConfigBuilder builder = builder(Map.of());
        builder.withSources(new PropertiesConfigSource(
                Map.of("quarkus.otel.exporter.otlp.endpoint", "http://localhost:4317"), "defaults", Integer.MIN_VALUE));
        assertThat(builder.build().getValue(DISABLED, Boolean.class)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"quarkus.otel.exporter.otlp.endpoint", "quarkus.otel.exporter.otlp.traces.endpoint"})
    void anEndpointSwitchesItOn(String key) {
        assertThat(disabled(Map.of(key, "http://collector:4317"))).isFalse();
    }

    private static boolean disabled(Map<String, String> properties) {
        return builder(properties).build().getValue(DISABLED, Boolean.class);
    }

    private static SmallRyeConfigBuilder builder(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put(DISABLED, "true");
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withInterceptors(new TracingSwitch())
                .withSources(new PropertiesConfigSource(all, "test", 100));
    }
}
