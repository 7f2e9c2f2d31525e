package dev.sluice.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.delivery.Probe;
import dev.sluice.delivery.Probe.Result;
import dev.sluice.event.Content;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Sends a signed test event to one webhook, past its lanes: so that a developer sees at once how the endpoint answers. */
@ApplicationScoped
class TestSend {
    private static final String TYPE = "webhook.test";

    private final Probe probe;
    private final InstantSource time;

    /**
     * How the endpoint answered.
     *
     * @param delivered whether with a 2xx
     * @param status the HTTP status; null when there was none
     * @param millis how long it took
     * @param error what went wrong; null when nothing did
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(
            boolean delivered,
            @Nullable Integer status,
            long millis,
            @Nullable String error) {}

    TestSend(Probe probe, InstantSource time) {
        this.probe = probe;
        this.time = time;
    }

    Uni<Answer> send(String id) {
        String body = "{\"event\":\"" + TYPE + "\",\"timestamp\":\""
                + time.instant().truncatedTo(ChronoUnit.MILLIS) + "\",\"data\":{\"webhook\":\"" + id + "\"}}";
        Content content = new Content("application/json", null, body.getBytes(StandardCharsets.UTF_8));
        return probe.send(id, TYPE, content).map(TestSend::answer);
    }

    private static Answer answer(Result result) {
        return new Answer(
                result.delivered(),
                result.status().isPresent() ? result.status().getAsInt() : null,
                result.took().toMillis(),
                result.error().orElse(null));
    }
}
