package dev.sluice.system;

import java.util.HashMap;
import java.util.Map;

/** A source like the provider, whose events go to one or several targets. */
public final class Shop {
    public static final String SECRET = "shop-secret";
    public static final String TARGET_SECRET = "target-secret";
    public static final Sender.Signer SIGNER =
            (request, body) -> request.header("X-Signature", RecordingTarget.sign(SECRET, body));

    private Shop() {}

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
