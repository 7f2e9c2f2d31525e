package dev.sluice.system;

import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may call the Webhook API, and for what, from outside. */
@ExtendWith(SharedGatewaysExtension.class)
class WebhookAccessIT {
    /** So often one may try at one gateway. */
    private static final int TRIES = 15;

    private final SharedGateways gateways;
    private final Vertx vertx;
    private final ApiClient manager;
    private final ApiClient publisher;
    private final ApiClient managerOfTwo;

    WebhookAccessIT(SharedGateways gateways) {
        this.gateways = gateways;
        vertx = gateways.vertx();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
        managerOfTwo = new ApiClient(gateways.two(), MANAGER);
    }

    @Test
    void everyOperationWantsAKeyWithItsRole() {
        Registered webhook = manager.register("http://127.0.0.1:1/", "SHUT");
        shutOut("", webhook);
        shutOut("a-key-that-nobody-has", webhook);
        for (ApiOperation operation : ApiOperation.all(webhook.path())) {
            for (String key : operation.refused()) {
                Answer refused = operation.through(manager.with(key));
                assertThat(refused.status()).as("%s with '%s'", operation, key).isEqualTo(403);
                refused.assertProblem("urn:sluice:forbidden");
            }
        }
        assertThat(manager.shown(webhook).path("enabled").asBoolean()).isTrue();
    }

    private void shutOut(String key, Registered webhook) {
        List<ApiOperation> all = ApiOperation.all(webhook.path());
        for (int from = 0; from < all.size(); from += TRIES) {
            try (Gateway another = gateways.another("another")) {
                ApiClient stranger = new ApiClient(another, key);
                for (ApiOperation operation : all.subList(from, Math.min(all.size(), from + TRIES))) {
                    Answer refused = operation.through(stranger);
                    assertThat(refused.status())
                            .as("%s with '%s'", operation, key)
                            .isEqualTo(401);
                    assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
                    refused.assertProblem("urn:sluice:unauthorized");
                }
            }
        }
    }

    @Test
    void noWayOfWritingAPathLeadsPastTheGuard() {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "*");
            managerOfTwo.awaitKnown(webhook);
            int registered =
                    manager.get("/webhooks?limit=500").json().path("webhooks").size();
            for (ApiOperation operation : ApiOperation.all(webhook.path())) {
                for (String path : ways(operation.path())) {
                    for (String key : List.of("", operation.refused().get(0))) {
                        Answer refused = managerOfTwo.with(key).send(operation.method(), path, operation.body());
                        assertThat(refused.status())
                                .as("%s %s with '%s': %s", operation.method(), path, key, refused.body())
                                .isIn(key.isEmpty() ? Set.of(401, 404, 405, 429) : Set.of(403, 404, 405));
                        assertThat(refused.body()).doesNotContain(webhook.id());
                    }
                }
            }
            assertThat(managerOfTwo.shown(webhook).path("enabled").asBoolean()).isTrue();
            assertThat(manager.get("/webhooks?limit=500").json().path("webhooks"))
                    .hasSize(registered);
            publisher.publish("PROOF", "proof", 0);
            assertThat(endpoint.only().order()).isEqualTo("proof");
            manager.delete(webhook.path());
        }
    }

    @Test
    void anUnknownWebhookIsA404OnEveryOperation() {
        for (ApiOperation operation : ApiOperation.all("/webhooks/wh_AAAAAAAAAAAAAAAAAAAA")) {
            if (operation.path().startsWith("/webhooks/")) {
                Answer absent = operation.through(manager);
                assertThat(absent.status()).as(operation.toString()).isEqualTo(404);
                absent.assertProblem("urn:sluice:unknown-webhook");
            }
        }
    }

    /** The ways of writing a path that a guard of paths was ever got past with. */
    private static List<String> ways(String path) {
        List<String> ways = new ArrayList<>(List.of(
                "/" + path,
                path + "/",
                path + "//",
                path + ";x",
                path + ";x=y/",
                path + "%3Bx",
                path + "%00",
                path + "/.",
                path + "/..",
                path + "?x=/q/health",
                "/;x" + path,
                "/." + path,
                "/%2e" + path,
                "/in/.." + path,
                "/in/%2e%2e" + path,
                "/q/.." + path,
                "/in/..;" + path,
                "/%2F" + path,
                path.toUpperCase(Locale.ROOT),
                "/%" + Integer.toHexString(path.charAt(1)) + path.substring(2),
                path.replace("s", "%73"),
                path.substring(0, 1) + path.substring(1).replace("/", "%2F"),
                path.substring(0, 1) + path.substring(1).replace("/", "%2f"),
                path.substring(0, 1) + path.substring(1).replace("/", "//"),
                path.substring(0, 1) + path.substring(1).replace("/", ";x/"),
                path.substring(0, 1) + path.substring(1).replace("/", "%5C")));
        ways.remove(path);
        return ways.stream().distinct().toList();
    }
}
