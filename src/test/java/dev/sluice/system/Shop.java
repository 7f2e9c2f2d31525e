package dev.sluice.system;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A source like the provider, whose events go to one or several targets. */
public final class Shop {
    public static final String SECRET = "shop-secret";
    public static final String TARGET_SECRET = "target-secret";
    public static final Sender.Signer SIGNER =
            (request, body) -> request.header("X-Signature", RecordingTarget.sign(SECRET, body));

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Shop() {}

    /** Sends one signed event to a source of a gateway. */
    public static HttpResponse<String> post(Gateway gateway, String source, Message message)
            throws IOException, InterruptedException {
        return post(gateway, source, message.body());
    }

    static HttpResponse<String> post(Gateway gateway, String source, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.in(source))
                .timeout(Duration.ofSeconds(5))
                .POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(SIGNER.sign(request, body).build(), BodyHandlers.ofString());
    }

    /**
     * What a gateway is configured with.
     *
     * @param longestDelay between two attempts
     */
    public static Map<String, String> settings(Map<String, RecordingTarget> targets, String longestDelay) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "sluice.sources.shop.scheme", "optondemand",
                "sluice.sources.shop.secrets", SECRET,
                "sluice.sources.shop.ordering-key", "/data/orderId",
                "sluice.policies.default.timeout", "2s",
                "sluice.policies.default.retry.initial", "50ms",
                "sluice.policies.default.retry.max-delay", longestDelay));
        targets.forEach((name, target) -> {
            settings.put("sluice.targets." + name + ".url", target.url());
            settings.put("sluice.targets." + name + ".secret", TARGET_SECRET);
        });
        return settings;
    }

    /** The same, with which a gateway tells targets who it is. */
    public static Map<String, String> named(String gateway, Map<String, String> settings) {
        Map<String, String> named = new HashMap<>(settings);
        settings.keySet().stream()
                .filter(key -> key.matches("sluice\\.targets\\.[^.]+\\.url"))
                .map(key -> key.substring(0, key.length() - "url".length()))
                .forEach(target -> named.put(target + "headers." + Arrival.GATEWAY, gateway));
        return named;
    }
}
