package dev.sluice.config;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import jakarta.annotation.Priority;
import org.jspecify.annotations.Nullable;

/**
 * One event loop for each processor, unless somebody sets another number. Quarkus would have two: nothing here waits on one, so the second
 * only takes turns with the first, and each event goes through more threads.
 */
@Priority(4000)
public class EventLoops implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1L;
    private static final String SIZE = "quarkus.vertx.event-loops-pool-size";

    @Override
    public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue value = context.proceed(name);
        return value == null && name.equals(SIZE)
                ? ConfigValue.builder()
                        .withName(name)
                        .withValue(Integer.toString(Runtime.getRuntime().availableProcessors()))
                        .build()
                : value;
    }
}
