package dev.sluice.lane;

import dev.sluice.redis.Servers;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while Redis answers, over the same connection as events take, is one that can keep what is promised, and has let
 * this gateway compare its settings with the data, over the connection that it has now.
 */
@Readiness
@ApplicationScoped
public class RedisReadiness implements AsyncHealthCheck {
    private static final String NAME = "Redis";

    private final Servers servers;
    private final Layout layout;

    RedisReadiness(Servers servers, Layout layout) {
        this.servers = servers;
        this.layout = layout;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return servers.look()
                .chain(layout::agreed)
                .map(agreed -> HealthCheckResponse.up(NAME))
                .onFailure()
                .recoverWithItem(failure -> HealthCheckResponse.named(NAME)
                        .down()
                        .withData("reason", String.valueOf(failure.getMessage()))
                        .build());
    }
}
