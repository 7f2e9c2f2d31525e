package dev.sluice.webhook;

import dev.sluice.delivery.Probe;
import dev.sluice.delivery.Probe.Result;
import dev.sluice.event.Content;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Sends a signed test event to one webhook, past its lanes: so that a developer sees at once how the endpoint answers. */
@ApplicationScoped
class TestSend {
    private static final String TYPE = "webhook.test";

    private final Probe probe;
    private final InstantSource time;

    TestSend(Probe probe, InstantSource time) {
        this.probe = probe;
        this.time = time;
    }

    Uni<TestAnswer> send(String id) {
        String body = "{\"event\":\"" + TYPE + "\",\"timestamp\":\""
                + time.instant().truncatedTo(ChronoUnit.MILLIS) + "\",\"data\":{\"webhook\":\"" + id + "\"}}";
        Content content = new Content("application/json", null, body.getBytes(StandardCharsets.UTF_8));
        return probe.send(id, TYPE, content).map(TestSend::answer);
    }

    private static TestAnswer answer(Result result) {
        return new TestAnswer(
                result.delivered(),
                result.status().isPresent() ? result.status().getAsInt() : null,
                result.took().toMillis(),
                result.error().orElse(null));
    }
}
