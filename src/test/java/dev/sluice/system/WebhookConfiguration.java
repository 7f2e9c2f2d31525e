package dev.sluice.system;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The configuration of gateways whose Webhook API is tested: a key for each role, and policies that do not take long. */
final class WebhookConfiguration {
    static final String MANAGER = "a-key-that-may-manage";
    static final String PUBLISHER = "a-key-that-may-publish";
    static final String OPERATOR = "a-key-that-may-operate";
    static final String INSPECTOR = "a-key-that-may-inspect";
    static final String ENCRYPTION_KEY = encryptionKey('k');
    static final Duration OVERLAP = Duration.ofSeconds(3);

    private WebhookConfiguration() {}

    /** Everything under {@code sluice.}, to be added to. */
    static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "sluice.api.encryption-key", ENCRYPTION_KEY,
                "sluice.publish.ordering-key", "/data/orderId",
                "sluice.webhooks.secret-overlap", OVERLAP.toSeconds() + "s",
                "sluice.policies.default.timeout", "5s",
                "sluice.policies.default.retry.initial", "100ms",
                "sluice.policies.default.retry.max-delay", "400ms",
                "sluice.policies.doubling.retry.initial", "400ms",
                "sluice.policies.doubling.retry.jitter", "0",
                "sluice.policies.once.retry.initial", "10ms",
                "sluice.policies.once.retry.window", "10ms"));
        settings.put("sluice.address-guard.allow", "127.0.0.0/8");
        settings.put("sluice.policies.strict.final", "400,404");
        settings.put("sluice.policies.strict.on-exhausted", "park");
        settings.put("sluice.policies.listed.retry.delays", "200ms,300ms,100ms");
        settings.put("sluice.policies.listed.retry.jitter", "0");
        // Many of these endpoints fail on and on; circuits have a test of their own.
        for (String policy : List.of("default", "doubling", "once", "strict", "listed")) {
            settings.put("sluice.policies." + policy + ".circuit.window", "10000");
        }
        // It tells of webhooks also when they are gone, and what is left of those is looked for.
        settings.put("sluice.publish.history", "off");
        admit(settings, "manager", "manage", MANAGER);
        admit(settings, "publisher", "publish", PUBLISHER);
        admit(settings, "operator", "operate", OPERATOR);
        admit(settings, "inspector", "inspect", INSPECTOR);
        return settings;
    }

    /** Gives a key a role. */
    static void admit(Map<String, String> settings, String name, String role, String key) {
        settings.put("sluice.api.keys." + name + ".sha256", ApiClient.sha256(key));
        settings.put("sluice.api.keys." + name + ".roles", role);
    }

    /** A key for {@code sluice.api.encryption-key}. */
    static String encryptionKey(char of) {
        return Base64.getEncoder()
                .encodeToString(Character.toString(of).repeat(32).getBytes(StandardCharsets.US_ASCII));
    }
}
