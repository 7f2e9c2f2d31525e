package dev.sluice.delivery;

import io.quarkus.arc.Unremovable;
import io.quarkus.oidc.common.OidcEndpoint;
import io.quarkus.oidc.common.OidcRequestFilter;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Ends a request to a token endpoint that is not answered. The client knows no bound of its own, and each request would keep one of
 * its few connections for as long as the endpoint is silent.
 */
@Unremovable
@ApplicationScoped
@OidcEndpoint(OidcEndpoint.Type.TOKEN)
class TokenRequestTimeout implements OidcRequestFilter {
    @Override
    public Uni<Void> filter(OidcRequestFilterContext asking) {
        asking.request().timeout(AccessToken.ANSWERED_WITHIN.toMillis());
        return Uni.createFrom().voidItem();
    }
}
