package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterIdlingTest {
    private static final String IDLE = "quarkus.redis.tcp.read-idle-timeout";
    private static final String TYPE = "quarkus.redis.client-type";

    @Test
    void onlyTheConnectionsToAClusterMayBeIdleForLongAndOnlyWhereNobodySaysOtherwise() {
        assertThat(idle(Map.of(IDLE, "10s"))).hasSeconds(10);
        assertThat(idle(Map.of(IDLE, "10s", TYPE, "sentinel"))).hasSeconds(10);
        assertThat(idle(Map.of(IDLE, "10s", TYPE, "cluster"))).hasMinutes(10);
        assertThat(idle(Map.of(IDLE, "30s", TYPE, "cluster"))).hasSeconds(30);
    }

    private static Duration idle(Map<String, String> properties) {
        return Duration.parse("PT"
                + new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .withInterceptors(new ClusterIdling())
                        .withSources(new PropertiesConfigSource(properties, "test", 100))
                        .build()
                        .getRawValue(IDLE));
    }
}
