package dev.sluice.ingress;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * The body of a 200.
 *
 * @param id the event's id; a duplicate bears that of the first one
 * @param status {@code accepted}, {@code duplicate} or {@code unreadable}
 * @param sequence its number within its source and ordering key; a duplicate bears that of the first one
 * @param targets how many targets want it; only with {@code accepted}
 * @param stale true when a newer one of its ordering key and type was accepted before; else null
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Answer(
        String id,
        String status,
        @Nullable Long sequence,
        @Nullable Integer targets,
        @Nullable Boolean stale) {

    Buffer json() {
        return Json.encodeToBuffer(this);
    }
}
