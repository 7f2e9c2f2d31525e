package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
    private static final String SIZE = "quarkus.vertx.event-loops-pool-size";

    @Test
    void areAsManyAsProcessorsUnlessSomebodySaysOtherwise() {
        assertThat(size(Map.of())).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(size(Map.of(SIZE, "77"))).isEqualTo(77);
    }

    private static int size(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withInterceptors(new EventLoops())
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getValue(SIZE, Integer.class);
    }
}
