package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Uses the API of one gateway.
 *
 * @param key the API key; empty to send none
 */
record ApiClient(Gateway gateway, String key) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What was answered. */
    record Answer(int status, HttpHeaders headers, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new IllegalStateException("no JSON: " + body, e);
            }
        }

        String text(String member) {
            return json().path(member).asText();
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        void assertProblem(String type) {
            assertThat(header("Content-Type")).startsWith("application/problem+json");
            assertThat(text("type")).isEqualTo(type);
            assertThat(json().path("status").asInt()).isEqualTo(status);
        }

        /** It names the faults of a request at these places, and no others. */
        void assertFaults(String... pointers) {
            assertThat(status).as(body).isEqualTo(400);
            assertProblem("urn:sluice:invalid");
            assertThat(json().path("errors"))
                    .as(body)
                    .extracting(error -> error.path("pointer").asText())
                    .containsExactlyInAnyOrder(pointers);
            assertThat(json().path("errors")).allSatisfy(error -> {
                assertThat(error.path("reason").asText()).isNotEmpty();
                assertThat(error.path("mend").asText()).isNotEmpty();
            });
        }
    }

    /** A webhook just registered. */
    record Registered(String id, String secretKey) {
        String path() {
            return "/webhooks/" + id;
        }
    }

    ApiClient with(String other) {
        return new ApiClient(gateway, other);
    }

    /** Sends a request; with headers as name, value ... */
    Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.uri(path))
                .timeout(PATIENCE)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Answer get(String path) {
        return send("GET", path, "");
    }

    Answer post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    Answer patch(String path, String body) {
        Answer answer = send("PATCH", path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    Answer delete(String path) {
        Answer answer = send("DELETE", path, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(204);
        return answer;
    }

    /** Begins a job. */
    JsonNode begun(String path, String body) {
        Answer answer = post(path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.header("Location")).endsWith("/ops/jobs/" + answer.text("id"));
        return answer.json();
    }

    /** Has a job done, and tells how it ended. */
    JsonNode finished(String path, String body) {
        return over(begun(path, body).path("id").asText());
    }

    /** Waits until a job is over. */
    JsonNode over(String job) {
        return await().atMost(Deadlines.PATIENCE)
                .until(
                        () -> get("/ops/jobs/" + job).json(),
                        seen -> !seen.path("state").asText().equals("running"));
    }

    Registered register(String url, String... events) {
        return registerWith(url, "", events);
    }

    /** Registers one with more members than it must have, written as {@code ,"policy":"x"}. */
    Registered registerWith(String url, String more, String... events) {
        Answer answer =
                post("/webhooks", "{\"url\":\"" + url + "\",\"events\":" + JSON.valueToTree(events) + more + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return new Registered(answer.text("id"), answer.text("secretKey"));
    }

    /** A webhook as this gateway shows it. */
    JsonNode shown(Registered webhook) {
        Answer answer = get(webhook.path());
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    /** Waits until this gateway has heard of a webhook that was registered at another one. */
    void awaitKnown(Registered webhook) {
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Deadlines.PATIENCE)
                .until(() -> get(webhook.path()).status() == 200);
    }

    /** Publishes something that is to be accepted. */
    Answer publish(String body, String... headers) {
        Answer answer = post("/events", body, headers);
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return answer;
    }

    /** Publishes a numbered event of an order. */
    Answer publish(String type, String order, int number) {
        return publish(event(type, order, number));
    }

    static String event(String type, String order, int number) {
        return "{\"event\":\"" + type + "\",\"data\":{\"orderId\":\"" + order + "\",\"number\":" + number + "}}";
    }

    /** As the gateway's configuration has the key. */
    static String sha256(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
