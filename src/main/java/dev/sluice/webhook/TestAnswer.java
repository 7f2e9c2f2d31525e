package dev.sluice.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint answered a test event.
 *
 * @param delivered whether with a 2xx
 * @param status the HTTP status; null when there was none
 * @param millis how long it took
 * @param error what went wrong; null when nothing did
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TestAnswer(
        boolean delivered,
        @Nullable Integer status,
        long millis,
        @Nullable String error) {}
