package dev.sluice.config;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import jakarta.annotation.Priority;
import org.jspecify.annotations.Nullable;

/**
 * Lets connections to a Redis Cluster be idle for longer. Its client opens one to each replica as well, over which next to nothing
 * goes; when it gives one of them up for being idle, all are lost to whoever uses them.
 */
@Priority(4000)
public class ClusterIdling implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1L;
    private static final String IDLE = "quarkus.redis.tcp.read-idle-timeout";
    private static final String TYPE = "quarkus.redis.client-type";

    /** As it stands in application.properties; whoever sets another one has it. */
    private static final String ORDINARY = "10s";

    private static final String OF_CLUSTER = "10m";

    @Override
    public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue value = context.proceed(name);
        if (!name.equals(IDLE) || value == null || !ORDINARY.equals(value.getValue())) {
            return value;
        }
        ConfigValue type = context.restart(TYPE);
        boolean isCluster = type != null && "cluster".equalsIgnoreCase(type.getValue());
        return isCluster ? value.withValue(OF_CLUSTER) : value;
    }
}
