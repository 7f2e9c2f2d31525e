package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.ENCRYPTION_KEY;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.OVERLAP;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.signature.OpenSsl;
import dev.sluice.system.ApiClient.Answer;
import dev.sluice.system.ApiClient.Registered;
import dev.sluice.system.Endpoint.Received;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The secrets of webhooks, from outside: where they show, how one takes the place of another, and how they are kept. */
@ExtendWith(SharedGatewaysExtension.class)
class SecretsIT {
    private static final Path DIRECTORY = Path.of("target", "system", "secrets");

    private final Vertx vertx;
    private final RedisLook look;
    private final Gateway one;
    private final Gateway two;
    private final ApiClient manager;
    private final ApiClient publisher;

    SecretsIT(SharedGateways gateways) {
        vertx = gateways.vertx();
        look = gateways.look();
        one = gateways.one();
        two = gateways.two();
        manager = new ApiClient(gateways.one(), MANAGER);
        publisher = new ApiClient(gateways.one(), PUBLISHER);
    }

    @Test
    void theSecretIsShownInTheAnswersThatHandItOutAndNowhereElse() {
        Registered webhook = manager.register("http://127.0.0.1:1/", "NEVER");
        assertThat(manager.post(webhook.path() + "/secret", "").body()).contains("whsec_");
        for (Answer answer : List.of(
                manager.get(webhook.path()),
                manager.get("/webhooks?limit=500"),
                manager.patch(webhook.path(), "{\"enabled\":false}"),
                manager.post(webhook.path() + "/test", ""))) {
            assertThat(answer.status()).as(answer.body()).isLessThan(300);
            assertThat(answer.body()).doesNotContain("whsec_", "secretKey");
        }
        assertThat(manager.get("/webhooks?limit=500").body()).contains(webhook.id());
    }

    @Test
    void noSecretShowsInLogMetricsErrorsOrRedis() {
        try (Endpoint endpoint = new Endpoint(vertx).answering(500)) {
            Registered webhook = manager.register(endpoint.url(), "SECRETS");
            String rotated = manager.post(webhook.path() + "/secret", "").text("secretKey");
            publisher.publish("SECRETS", "secrets", 0);
            await().atMost(PATIENCE).until(() -> endpoint.count() >= 2);
            List<Answer> answers = List.of(
                    manager.post(webhook.path() + "/test", ""),
                    manager.get(webhook.path()),
                    manager.get("/webhooks?limit=500"),
                    manager.post("/webhooks", "{\"secretKey\":\"" + rotated + "\",\"url\":\"" + rotated + "\"}"),
                    manager.send("PATCH", webhook.path(), "{\"url\":\"http://" + MANAGER + ":x@h/\"}"),
                    manager.post("/webhooks", "{\"" + rotated),
                    publisher.post("/events", "{\"" + rotated),
                    publisher.get("/webhooks"),
                    manager.post("/events", event("SECRETS", "secrets", 1)));
            manager.delete(webhook.path());
            List<String> secrets = new ArrayList<>(List.of(MANAGER, PUBLISHER, OPERATOR, ENCRYPTION_KEY));
            for (String secret : List.of(webhook.secretKey(), rotated)) {
                secrets.add(secret.substring("whsec_".length()));
            }
            for (String secret : secrets) {
                assertThat(answers).extracting(Answer::body).noneMatch(body -> body.contains(secret));
                for (Gateway gateway : List.of(one, two)) {
                    assertThat(gateway.logged().contains(secret)).isFalse();
                    assertThat(gateway.metrics()).contains("sluice_").doesNotContain(secret);
                }
                assertThat(look.holding(secret)).isEmpty();
            }
            assertThat(one.logged() + two.logged() + one.metrics() + two.metrics())
                    .doesNotContain("whsec_", ApiClient.sha256(MANAGER));
            assertThat(look.holding("whsec_")).isEmpty();
            assertThat(one.metrics()).as("labels stay few").doesNotContain("wh_");
        }
    }

    @Test
    void whileASecretOverlapsBothSignEachInItsHeader() throws Exception {
        try (Endpoint endpoint = new Endpoint(vertx)) {
            Registered webhook = manager.register(endpoint.url(), "TURNED");
            Instant asked = Instant.now();
            Answer rotated = manager.post(webhook.path() + "/secret", "");
            assertThat(rotated.status()).isEqualTo(200);
            String secret = rotated.text("secretKey");
            Instant until = Instant.parse(rotated.text("previousValidUntil"));
            assertThat(until)
                    .isBetween(asked.plus(OVERLAP).minusMillis(1), Instant.now().plus(OVERLAP));
            assertThat(secret).startsWith("whsec_").isNotEqualTo(webhook.secretKey());

            publisher.publish("TURNED", "turned", 0);
            Received both = endpoint.only();
            assertThat(both.headers().allValues("X-Signature"))
                    .containsExactly("sha256=" + OpenSsl.hmac(secret, both.bytes()));
            assertThat(both.headers().allValues("X-Signature-Previous"))
                    .containsExactly("sha256=" + OpenSsl.hmac(webhook.secretKey(), both.bytes()));
            assertThat(both.header("Webhook-Signature").split(" ")).hasSize(2);
            both.verify(secret);
            both.verify(webhook.secretKey());

            await().atMost(PATIENCE).until(() -> {
                publisher.publish("TURNED", "turned", 1);
                return endpoint.received().stream()
                        .anyMatch(request ->
                                request.header("X-Signature-Previous").isEmpty());
            });
            assertThat(Instant.now()).isAfter(until);
            int count = endpoint.count();
            publisher.publish("TURNED", "turned", 2);
            await().atMost(PATIENCE).until(() -> endpoint.count() > count);
            Received last = endpoint.received().get(endpoint.count() - 1);
            assertThat(last.header("X-Signature-Previous")).isEmpty();
            assertThat(last.header("Webhook-Signature").split(" ")).hasSize(1);
            last.verify(secret);
            assertThatThrownBy(() -> last.verify(webhook.secretKey())).isInstanceOf(Exception.class);
        }
    }

    @Test
    void webhooksOutliveARestartAndAChangeOfTheKeyUnderWhichTheirSecretsAreStored() throws Exception {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.events.catalogue", "ORDER_PAID,ORDER_SHIPPED,REFUND");
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("restarted-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(vertx).answering(500)) {
            Gateway gateway = new Gateway(DIRECTORY.resolve("restarted"), own.uri(), settings);
            try (gateway) {
                ApiClient client = new ApiClient(gateway, MANAGER);
                for (String unknown : List.of("ORDER_LOST", "order_paid", "RETURN*")) {
                    Answer refused = client.post(
                            "/webhooks",
                            "{\"url\":\"" + endpoint.url() + "\",\"events\":[\"REFUND\",\"" + unknown + "\"]}");
                    refused.assertFaults("/events");
                    assertThat(refused.body()).contains("ORDER_SHIPPED");
                }
                Registered webhook = client.register(endpoint.url(), "ORDER_*");
                client.send("PATCH", webhook.path(), "{\"events\":[\"ORDER_LOST\"]}")
                        .assertFaults("/events");
                client.with(PUBLISHER).publish("ORDER_PAID", "restarted", 0);
                client.with(PUBLISHER).publish("ORDER_SHIPPED", "restarted", 1);
                await().atMost(PATIENCE).until(() -> endpoint.count() >= 2);
                JsonNode before = client.get(webhook.path()).json();

                gateway.close();
                settings.put(
                        "sluice.api.encryption-key", WebhookConfiguration.encryptionKey('n') + "," + ENCRYPTION_KEY);
                gateway.configure(settings);
                gateway.start();
                endpoint.answering(200);
                await().atMost(PATIENCE)
                        .until(() -> endpoint.numbers("restarted").size() == 2);
                await().atMost(PATIENCE).until(() -> client.get(webhook.path()).status() == 200);
                assertThat(client.get(webhook.path()).json()).isEqualTo(before);
                client.with(PUBLISHER).publish("ORDER_PAID", "restarted", 2);
                await().atMost(PATIENCE)
                        .until(() -> endpoint.numbers("restarted").size() == 3);
                assertThat(endpoint.numbers("restarted")).containsExactly(0, 1, 2);
                for (Received request : endpoint.received()) {
                    request.verify(webhook.secretKey());
                }
            }
        }
    }

    @Test
    void anEncryptionKeyCanBeTakenOutOnceAllIsSealedAnew() throws Exception {
        Map<String, String> settings = WebhookConfiguration.settings();
        try (EmbeddedRedis own = EmbeddedRedis.start(DIRECTORY.resolve("resealed-redis"), "--save", "");
                Endpoint endpoint = new Endpoint(vertx)) {
            Gateway gateway = new Gateway(DIRECTORY.resolve("resealed"), own.uri(), settings);
            try (gateway) {
                ApiClient client = new ApiClient(gateway, MANAGER);
                Registered webhook = client.register(endpoint.url(), "*");
                Registered disabled = client.register(endpoint.url(), "*");
                client.patch(disabled.path(), "{\"enabled\":false}");
                gateway.close();
                settings.put(
                        "sluice.api.encryption-key", WebhookConfiguration.encryptionKey('n') + "," + ENCRYPTION_KEY);
                gateway.configure(settings);
                gateway.start();
                await().atMost(PATIENCE)
                        .until(() -> gateway.logged().contains("every webhook's secret is sealed with the first key"));
                gateway.close();
                settings.put("sluice.api.encryption-key", WebhookConfiguration.encryptionKey('n'));
                gateway.configure(settings);
                gateway.start();
                await().atMost(PATIENCE).until(() -> client.get(webhook.path()).status() == 200);
                client.with(PUBLISHER).publish("RESEALED", "o", 0);
                await().atMost(PATIENCE).until(() -> endpoint.count() == 1);
                endpoint.received().get(0).verify(webhook.secretKey());
                client.patch(disabled.path(), "{\"enabled\":true}");
                await().atMost(PATIENCE).until(() -> endpoint.count() == 2);
                endpoint.received().get(1).verify(disabled.secretKey());
            }
        }
    }
}
