package dev.sluice.redis;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while Redis answers, over the same connection as events take, and is one that can keep what is promised. */
@Readiness
@ApplicationScoped
public class RedisReadiness implements AsyncHealthCheck {
    private static final String NAME = "Redis";

    private final Servers servers;

    RedisReadiness(Servers servers) {
        this.servers = servers;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return servers.look()
                .map(fit -> HealthCheckResponse.up(NAME))
                .onFailure()
                .recoverWithItem(failure -> HealthCheckResponse.named(NAME)
                        .down()
                        .withData("reason", String.valueOf(failure.getMessage()))
                        .build());
    }
}
