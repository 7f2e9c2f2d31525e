package dev.sluice.delivery;

import io.quarkus.oidc.client.OidcClients;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The access tokens of targets that want OAuth2: one for each client, however many targets name it. */
@ApplicationScoped
class AccessTokens {
    private final Map<String, AccessToken> byClient = new ConcurrentHashMap<>();
    private final OidcClients clients;
    private final InstantSource time;

    AccessTokens(OidcClients clients, InstantSource time) {
        this.clients = clients;
        this.time = time;
    }

    /** That of a client, by its name. */
    AccessToken of(String client) {
        return byClient.computeIfAbsent(
                client, name -> new AccessToken(name, clients.getClient(name)::getTokens, time));
    }
}
