package dev.sluice.config;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import jakarta.annotation.Priority;
import org.jspecify.annotations.Nullable;

/** Switches OpenTelemetry on when an endpoint for its traces is configured, so that one key is all it takes. */
@Priority(4000)
public class TracingSwitch implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1L;
    private static final String DISABLED = "quarkus.otel.sdk.disabled";
    private static final String[] ENDPOINTS = {
        "quarkus.otel.exporter.otlp.endpoint", "quarkus.otel.exporter.otlp.traces.endpoint"
    };

    @Override
    public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue value = context.proceed(name);
        if (!name.equals(DISABLED) || value == null) {
            return value;
        }
        for (String endpoint : ENDPOINTS) {
            if (isSet(context.restart(endpoint))) {
                return value.withValue("false");
            }
        }
        return value;
    }

    private static boolean isSet(@Nullable ConfigValue endpoint) {
        // Quarkus gives the endpoint a default, of a negative rank; only what somebody set counts.
        return endpoint != null && endpoint.getValue() != null && endpoint.getConfigSourceOrdinal() > 0;
    }
}
