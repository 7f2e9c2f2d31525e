package dev.sluice.config;

import dev.sluice.signature.OutgoingSignature;
import dev.sluice.signature.PreviousSecret;
import dev.sluice.signature.Secret;
import dev.sluice.signature.Signer;
import dev.sluice.target.Glob;
import dev.sluice.target.Target;
import dev.sluice.target.TargetUrl;
import java.net.URI;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One target out of its properties. */
final class TargetSettings {
    static final String SECTION = "sluice.targets.";

    private static final URI NOWHERE = URI.create("https://localhost");
    private static final Set<String> NOT_STATIC = Set.of(
            "connection",
            "content-length",
            "content-type",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "traceparent",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "webhook-attempt",
            "webhook-event",
            "webhook-id",
            "webhook-sequence",
            "webhook-signature",
            "webhook-stale",
            "webhook-timestamp",
            "x-signature",
            "x-signature-previous");

    private TargetSettings() {}

    /** Reads and checks one.
     *
     * @param sources the names of all sources
     * @param policies the names of all policies
     * @param connections what it may name of how it is connected to
     */
    static Target read(
            String name,
            SluiceProperties.Target properties,
            Set<String> sources,
            Set<String> policies,
            ConnectionSettings connections,
            Faults faults) {
        Values values = new Values(SECTION + name + ".", faults);
        Set<String> wanted = new LinkedHashSet<>(Values.list(properties.sources()));
        for (String source : wanted) {
            if (!sources.contains(source)) {
                values.fault("sources", "there is no source '" + source + "'", "name one of " + sources);
            }
        }
        String policy = properties.policy().orElse(PolicySettings.DEFAULT);
        if (!policies.contains(policy)) {
            values.fault("policy", "there is no policy '" + policy + "'", "name one of " + policies);
        }
        Optional<Signer> signer = signer(properties, values);
        boolean unordered = values.choice("ordering", properties.ordering(), false, Map.of("none", true));
        checkHeaders(properties.headers(), values);
        URI url = url(properties.url(), values);
        return new Target(
                name,
                url,
                wanted,
                globs(properties.events(), values),
                FilterSettings.read(values, properties.filters()),
                policy,
                !unordered,
                true,
                () -> signer,
                AuthSettings.headers(properties, values),
                connections.read(properties, url, values));
    }

    private static URI url(Optional<String> value, Values values) {
        if (value.isEmpty()) {
            values.fault("url", "it is missing", "tell where events are to be sent");
            return NOWHERE;
        }
        try {
            return TargetUrl.of(value.get());
        } catch (TargetUrl.Unfit e) {
            values.fault("url", e.reason(), e.mend());
        }
        return NOWHERE;
    }

    private static Optional<Signer> signer(SluiceProperties.Target properties, Values values) {
        Set<OutgoingSignature> signatures = signatures(properties.signatures(), values);
        if (properties.secret().isEmpty()) {
            if (properties.signatures().isPresent()) {
                values.fault("signatures", "there is no secret to sign with", "give one with secret");
            }
            if (properties.previousSecret().isPresent()) {
                values.fault("previous-secret", "no secret has taken its place", "give the new one with secret");
            }
            return Optional.empty();
        }
        if (properties.previousSecret().equals(properties.secret())) {
            values.fault("previous-secret", "it is the secret itself", "give the one before, or remove it");
        }
        Optional<Secret> current = secret("secret", properties.secret(), signatures, values);
        Optional<Secret> previous = secret("previous-secret", properties.previousSecret(), signatures, values);
        return current.map(secret -> new Signer(
                signatures,
                secret,
                // Valid for as long as the operator leaves it there.
                previous.map(old -> new PreviousSecret(old, Instant.MAX)).orElse(null)));
    }

    private static Set<OutgoingSignature> signatures(Optional<String> value, Values values) {
        Set<OutgoingSignature> signatures = EnumSet.noneOf(OutgoingSignature.class);
        for (String name : value.isEmpty() ? List.of("optondemand") : Values.list(value)) {
            signatures.add(values.choice(
                    "signatures",
                    Optional.of(name),
                    OutgoingSignature.OPTONDEMAND,
                    Map.of(
                            "optondemand",
                            OutgoingSignature.OPTONDEMAND,
                            "standard-webhooks",
                            OutgoingSignature.STANDARD_WEBHOOKS)));
        }
        return signatures;
    }

    private static Optional<Secret> secret(
            String key, Optional<String> value, Set<OutgoingSignature> signatures, Values values) {
        Optional<Secret> secret = value.map(Secret::ofText);
        if (secret.isPresent()
                && signatures.contains(OutgoingSignature.STANDARD_WEBHOOKS)
                && !secret.get().fitsStandardWebhooks()) {
            values.fault(
                    key,
                    "it is not base64, as standard-webhooks has it, after whsec_ or without that",
                    "make one with: echo whsec_$(openssl rand -base64 32)");
            return Optional.empty();
        }
        return secret;
    }

    private static List<Glob> globs(Optional<String> value, Values values) {
        List<String> patterns = Values.list(value);
        if (patterns.contains("")) {
            values.fault("events", "one of them is empty", "remove it; leave the key out to get every event");
        }
        return patterns.stream().map(Glob::new).toList();
    }

    private static void checkHeaders(Map<String, String> headers, Values values) {
        headers.forEach((name, value) -> {
            if (!Values.isToken(name)) {
                values.fault("headers." + name, "this is no header's name", "rename it");
            } else if (NOT_STATIC.contains(name.toLowerCase(Locale.ROOT))) {
                values.fault("headers." + name, "the gateway sets this header itself", "remove it");
            } else if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
                values.fault("headers." + name, "its value is not printable ASCII", "remove what is not");
            }
        });
    }
}
