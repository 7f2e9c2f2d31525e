package dev.sluice.config;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.access.ApiKey;
import dev.sluice.access.KeyDigest;
import dev.sluice.access.Roles;
import dev.sluice.delivery.Policy;
import dev.sluice.delivery.Policy.Bound;
import dev.sluice.delivery.Policy.Bounds;
import dev.sluice.delivery.Policy.RateLimit;
import dev.sluice.delivery.RetrySchedule;
import dev.sluice.event.Bodies;
import dev.sluice.event.Event;
import dev.sluice.event.Reading;
import dev.sluice.event.Version;
import dev.sluice.redis.Durability;
import dev.sluice.signature.Seal;
import dev.sluice.signature.Secret;
import dev.sluice.signature.SignatureScheme;
import dev.sluice.signature.SigningKey;
import dev.sluice.signature.Verifier;
import dev.sluice.signature.Verifier.Verdict;
import dev.sluice.target.Connection;
import dev.sluice.target.Glob;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.proxy.ProxyConfiguration;
import io.quarkus.proxy.ProxyType;
import io.quarkus.tls.BaseTlsConfiguration;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final SignatureScheme SCHEME = SignatureScheme.OPTONDEMAND;
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String OTHER_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    private static final Map<String, String> GOOD = Map.of(
            "sluice.sources.shop.scheme", "optondemand",
            "sluice.sources.shop.secrets", "s3cret-one,s3cret-two",
            "sluice.sources.shop.ordering-key", "/data/orderId,/data/id",
            "sluice.targets.erp.url", "https://erp.internal/hooks",
            "sluice.targets.erp.sources", "shop",
            "sluice.targets.erp.policy", "patient",
            "sluice.targets.erp.headers.X-Api-Key", "k",
            "sluice.policies.patient.retry.max-delay", "5m",
            "sluice.api.keys.ops.sha256", sha256("k3y-old") + ", " + sha256("k3y-new"),
            "sluice.api.keys.ops.roles", "operate, Publish");

    private static final Map<String, String> CLIENTS = Map.ofEntries(
            entry("quarkus.oidc-client.crm.token-path", "https://idp.internal/token"),
            entry("quarkus.oidc-client.crm.client-id", "sluice"),
            entry("quarkus.oidc-client.away.client-enabled", "false"),
            entry("quarkus.oidc-client.nobody.token-path", "https://idp.internal/token"),
            entry("quarkus.oidc-client.found-out.auth-server-url", "https://idp.internal"),
            entry("quarkus.oidc-client.found-out.client-id", "sluice"),
            entry("quarkus.oidc-client.blind.token-path", "https://idp.internal/token"),
            entry("quarkus.oidc-client.blind.client-id", "sluice"),
            entry("quarkus.oidc-client.blind.tls.tls-configuration-name", "blind"),
            entry("quarkus.oidc-client.careless.token-path", "https://idp.internal/token"),
            entry("quarkus.oidc-client.careless.client-id", "sluice"),
            entry("quarkus.oidc-client.careless.tls.verification", "certificate-validation"));

    @Test
    void forHowLongWhatBecameOfEventsAndTheyThemselvesAreKept() {
        Settings settings = read(
                GOOD,
                Map.of(
                        "sluice.sources.shop.history", "48h",
                        "sluice.sources.shop.retention", "24h",
                        "sluice.publish.retention", "1h",
                        "sluice.history.max-events", "5000",
                        "sluice.retention.max-bytes", "1M"));
        assertThat(settings.lanes().histories())
                .containsOnly(entry("shop", Duration.ofHours(48)), entry("publish", Duration.ofHours(24)));
        assertThat(settings.lanes().retentions())
                .containsOnly(entry("shop", Duration.ofHours(24)), entry("publish", Duration.ofHours(1)));
        assertThat(settings.lanes().mostHistories()).isEqualTo(5000);
        assertThat(settings.lanes().mostRetainedBytes()).isEqualTo(1024 * 1024);
        Settings ordinary = read(GOOD, Map.of("sluice.publish.history", "off", "sluice.publish.retention", "off"));
        assertThat(ordinary.lanes().histories()).isEmpty();
        assertThat(ordinary.lanes().retentions()).isEmpty();
    }

    @Test
    void howSafeEventsMustBeIsSaidForEachSource() {
        Settings settings = read(
                GOOD,
                Map.of(
                        "sluice.sources.shop.durability", "replicated",
                        "sluice.sources.shop.durability.replicas", "2",
                        "sluice.publish.durability", "fsync"));
        assertThat(settings.lanes().durabilities())
                .containsEntry("shop", new Durability.Replicated(2))
                .containsEntry("publish", new Durability.Fsync());
        assertThat(settings.redis().promised())
                .containsExactlyInAnyOrder(new Durability.Replicated(2), new Durability.Fsync());
        assertThat(read(GOOD, Map.of()).lanes().durabilities()).containsEntry("shop", new Durability.Memory());
    }

    @Test
    void readsAGoodConfiguration() {
        Settings settings = read(GOOD, Map.of());
        assertThat(settings.sources().named("shop").dedupWindow()).hasHours(25);
        Target erp = settings.targets().named("erp");
        assertThat(erp.headers()).containsEntry("X-Api-Key", "k");
        assertThat(erp.url()).hasToString("https://erp.internal/hooks");
        assertThat(erp.ordered()).isTrue();
        assertThat(erp.signer().get()).isEmpty();
        assertThat(settings.seal().isEmpty()).isTrue();
        Policy patient = settings.policies().of(settings.targets().named("erp"));
        assertThat(patient.retry())
                .isEqualTo(new RetrySchedule.Growing(
                        Duration.ofSeconds(1), 2, Duration.ofMinutes(5), Duration.ofHours(24), 0.1));
        assertThat(settings.lanes().orderings()).containsEntry("shop", "entity /data/orderId, /data/id unreadable");
    }

    @Test
    void thePresetKnowsWhereTypeAndTimestampStand() {
        byte[] body = "{\"event\":\"E\",\"timestamp\":\"T\",\"data\":{\"id\":1}}".getBytes(StandardCharsets.UTF_8);
        Reading reading = read(GOOD, Map.of()).sources().named("shop").reader().read(name -> null, body, Set.of());
        Event event = ((Reading.Understood) reading).event();
        assertThat(event.type()).isEqualTo("E");
        assertThat(event.timestamp()).isEqualTo("T");
    }

    @Test
    void aSourceTellsByWhatItsEventsAreKnownToBeStaleAndWhatBecomesOfThem() {
        Map<String, String> more = new HashMap<>(GOOD);
        more.put("sluice.sources.shop.stale", "deliver");
        more.put("sluice.sources.shop.stale.by", "header:X-Version,/data/version");
        more.put("sluice.publish.stale", "drop");
        more.put("sluice.publish.stale.by", "/timestamp");
        Settings settings = read(more, Map.of());
        assertThat(settings.lanes().droppingStale()).containsExactly("publish");
        byte[] body = "{\"event\":\"E\",\"timestamp\":\"2025-07-08T12:34:56Z\",\"data\":{\"id\":1,\"version\":7}}"
                .getBytes(StandardCharsets.UTF_8);
        assertThat(settings.sources().named("shop").reader().read(name -> null, body, Set.of()))
                .extracting(reading -> ((Reading.Understood) reading).event().version())
                .isEqualTo(Version.read("7").orElseThrow());
        assertThat(settings.published().reader().read(name -> null, body, Set.of()))
                .extracting(reading -> ((Reading.Understood) reading).event().version())
                .isEqualTo(Version.read("2025-07-08T12:34:56Z").orElseThrow());
        assertThat(read(GOOD, Map.of()).sources().named("shop").reader().read(name -> null, body, Set.of()))
                .extracting(reading -> ((Reading.Understood) reading).event().version())
                .isNull();
    }

    @Test
    void readsWhatATargetMaySay() {
        Map<String, String> more = new HashMap<>(GOOD);
        more.put("sluice.targets.erp.events", "ORDER_*, REFUND");
        more.put("sluice.targets.erp.ordering", "none");
        more.put("sluice.targets.erp.secret", "target-secret");
        more.put("sluice.policies.patient.concurrency", "7");
        more.put("sluice.policies.patient.retry.factor", "1.5");
        Settings settings = read(more, Map.of());
        Target erp = settings.targets().named("erp");
        assertThat(erp.events()).containsExactly(new Glob("ORDER_*"), new Glob("REFUND"));
        assertThat(erp.ordered()).isFalse();
        byte[] body = "x".getBytes(StandardCharsets.UTF_8);
        assertThat(erp.signer().get().orElseThrow().headers("id", Instant.now(), body))
                .containsExactlyEntriesOf(Map.of(
                        "X-Signature",
                        SCHEME.write(SigningKey.ofText("target-secret").sign(body))));
        assertThat(settings.policies().of(erp).concurrency()).isEqualTo(7);
        assertThat(settings.policies().of(erp).retry())
                .isEqualTo(new RetrySchedule.Growing(
                        Duration.ofSeconds(1), 1.5, Duration.ofMinutes(5), Duration.ofHours(24), 0.1));
    }

    @Test
    void aTargetMayDemandSomethingOfTheBody() {
        Map<String, String> more = new HashMap<>(GOOD);
        more.put("sluice.targets.erp.filters[0].pointer", "/data/status");
        more.put("sluice.targets.erp.filters[0].in", "PAID, SHIPPED\\, TOO");
        more.put("sluice.targets.erp.filters[1].pointer", "/data/total");
        more.put("sluice.targets.erp.filters[1].at-least", "99.50");
        more.put("sluice.targets.erp.filters[1].less-than", " 1e3 ");
        more.put("sluice.targets.erp.filters[2].pointer", "/data/branch");
        more.put("sluice.targets.erp.filters[2].glob", "EU-*");
        more.put("sluice.targets.erp.filters[2].exists", "true");
        more.put("sluice.targets.erp.filters[3].pointer", "/data/test");
        more.put("sluice.targets.erp.filters[3].equals", "no, never ");
        Targets targets =
                read(more, Map.of("SLUICE_TARGETS_ERP_FILTERS_3__EQUALS", "no")).targets();
        Function<String, List<Target>> wanting =
                body -> targets.wanting("shop", "E", Bodies.findings(body, targets.lookedAt("shop")));
        String body = "{'data':{'status':'SHIPPED, TOO','total':99.5,'branch':'EU-DE','test':'no'}}";
        assertThat(wanting.apply(body)).hasSize(1);
        assertThat(wanting.apply(body.replace("SHIPPED, TOO", "SHIPPED"))).isEmpty();
        assertThat(wanting.apply(body.replace("99.5", "99.49"))).isEmpty();
        assertThat(wanting.apply(body.replace("99.5", "1000"))).isEmpty();
        assertThat(wanting.apply(body.replace("EU-", "US-"))).isEmpty();
        assertThat(wanting.apply(body.replace("'no'", "false"))).isEmpty();
    }

    @Test
    void filtersMayStandInTheEnvironment() {
        Targets targets = read(
                        GOOD,
                        Map.of(
                                "SLUICE_TARGETS_ERP_FILTERS_0__POINTER",
                                "/a",
                                "SLUICE_TARGETS_ERP_FILTERS_0__AT_LEAST",
                                "1"))
                .targets();
        assertThat(targets.lookedAt("shop")).containsExactly("/a");
    }

    @Test
    void filtersHaveTheirBounds() {
        Map<String, String> bad = new HashMap<>(GOOD);
        for (int i = 0; i <= 20; i++) {
            bad.put("sluice.targets.erp.filters[" + i + "].pointer", i == 0 ? "/" + "x".repeat(512) : "/x");
            bad.put("sluice.targets.erp.filters[" + i + "].exists", "true");
        }
        bad.put("sluice.targets.erp.filters[1].glob", "x".repeat(129));
        bad.put("sluice.targets.erp.filters[2].in", "x,".repeat(100) + "x".repeat(129));
        bad.put("sluice.targets.erp.filters[3].at-least", "1".repeat(101));
        assertThat(faults(bad))
                .contains(
                        "has 6 faults",
                        "erp.filters: there are more than 20",
                        "erp.filters[0].pointer: it is no JSON Pointer",
                        "erp.filters[1].glob: one value has more than 128",
                        "erp.filters[2].in: it has more than 100",
                        "erp.filters[2].in: one value has more than 128",
                        "erp.filters[3].at-least");
    }

    @Test
    void aTargetMayDifferFromItsPolicyInSingleValues() {
        Map<String, String> more = new HashMap<>(GOOD);
        more.put("sluice.policies.patient.final", "400,404");
        more.put("sluice.policies.patient.rate-limit.max", "50");
        more.put("sluice.policies.patient.rate-limit.scope", "cluster");
        more.put("sluice.targets.erp.rate-limit.window", "1m");
        more.put("sluice.policies.patient.backlog.max", "7");
        more.put("sluice.targets.erp.backlog.max.bytes", "12M");
        more.put("sluice.targets.erp.backlog", "latest");
        more.put("sluice.targets.crm.dead-letters.max", "9");
        more.put("sluice.targets.crm.rate-limit.max", "0");
        more.put("sluice.targets.erp.timeout", "2s");
        more.put("sluice.targets.erp.retry.window", "1m");
        more.put("sluice.targets.crm.url", "http://crm/");
        more.put("sluice.targets.crm.policy", "patient");
        more.put("sluice.targets.crm.final", "410");
        more.put("sluice.targets.crm.retry.delays", "5s, 1m");
        Settings settings = read(more, Map.of());
        Policy erp = settings.policies().of(settings.targets().named("erp"));
        Policy crm = settings.policies().of(settings.targets().named("crm"));
        Policy patient = settings.policies().byName().get("patient");
        assertThat(erp.rateLimit()).isEqualTo(new RateLimit(50, Duration.ofMinutes(1), true));
        assertThat(crm.rateLimit()).isEqualTo(new RateLimit(0, Duration.ofSeconds(1), true));
        assertThat(erp.bounds())
                .isEqualTo(new Bounds(new Bound(7, 12 << 20), true, false, new Bound(100_000, 256 << 20)));
        assertThat(crm.bounds()).isEqualTo(new Bounds(new Bound(7, 1 << 30), false, false, new Bound(9, 256 << 20)));
        assertThat(erp.timeout()).hasSeconds(2);
        assertThat(erp.connectTimeout()).hasSeconds(2);
        assertThat(erp.finalStatuses()).containsExactlyInAnyOrder(400, 404);
        assertThat(erp.retry())
                .isEqualTo(new RetrySchedule.Growing(
                        Duration.ofSeconds(1), 2, Duration.ofMinutes(1), Duration.ofMinutes(1), 0.1));
        assertThat(crm.timeout()).isEqualTo(patient.timeout());
        assertThat(crm.finalStatuses()).containsExactly(410);
        assertThat(crm.retry())
                .isEqualTo(new RetrySchedule.Listed(List.of(Duration.ofSeconds(5), Duration.ofMinutes(1)), 0.1));
    }

    @Test
    void aTargetMayHaveEverySignatureAndThePreviousSecretSignsForAsLongAsItIsConfigured() {
        Map<String, String> more = new HashMap<>(GOOD);
        more.put("sluice.targets.erp.secret", "whsec_bmV3");
        more.put("sluice.targets.erp.signatures", "optondemand, standard-webhooks");
        Target erp = read(more, Map.of("SLUICE_TARGETS_ERP_PREVIOUS_SECRET", "b2xk"))
                .targets()
                .named("erp");
        byte[] body = "x".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers =
                erp.signer().get().orElseThrow().headers("id", Instant.parse("9999-12-31T23:59:59Z"), body);
        assertThat(headers)
                .containsEntry(
                        "X-Signature",
                        SCHEME.write(SigningKey.ofText("whsec_bmV3").sign(body)))
                .containsEntry(
                        "X-Signature-Previous",
                        SCHEME.write(SigningKey.ofText("b2xk").sign(body)))
                .containsEntry("Webhook-Id", "id")
                .containsKey("Webhook-Timestamp");
        assertThat(headers.get("Webhook-Signature")).matches("v1,[^ ]{44} v1,[^ ]{44}");
    }

    @Test
    void theFirstEncryptionKeySealsAndAllOpen() {
        Map<String, String> before = Map.of("sluice.api.encryption-key", KEY);
        Map<String, String> changing = Map.of("SLUICE_API_ENCRYPTION_KEY", OTHER_KEY + ", " + KEY);
        Seal old = read(before, Map.of()).seal();
        Seal both = read(Map.of(), changing).seal();
        String sealed = old.seal(Secret.ofText("s3cret"), "owner");
        assertThat(both.open(sealed, "owner").text()).isEqualTo("s3cret");
        assertThat(both.isCurrent(sealed)).isFalse();
        assertThat(both.isCurrent(both.seal(Secret.ofText("s3cret"), "owner"))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "s3cret-one|s3cret-two|sluice.targets.erp.secret: it is not base64",
                "whsec_|c2Vj|sluice.targets.erp.secret: it is not base64",
                "c2Vj|whsec_s3cret-two|sluice.targets.erp.previous-secret: it is not base64"
            })
    void aSecretForStandardWebhooksIsBase64(String secret, String previous, String reason) {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.signatures", "standard-webhooks");
        bad.put("sluice.targets.erp.secret", secret);
        bad.put("sluice.targets.erp.previous-secret", previous);
        assertThat(faults(bad)).contains(reason).doesNotContain("s3cret", "c2Vj");
    }

    @Test
    void aPreviousSecretIsAnotherOneThanTheSecret() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.secret", "s3cret-one");
        bad.put("sluice.targets.erp.previous-secret", "s3cret-one");
        assertThat(faults(bad))
                .contains("has 1 fault", "sluice.targets.erp.previous-secret: it is the secret itself")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "K,K|one of them is repeated",
                "K,,O|one of them is 0 bytes long",
                "O,c2hvcnQtczNjcmV0|one of them is 12 bytes long",
                "K,s3cret_key!|one of them is not base64",
                "${NOT_SET}|it is empty, or refers"
            })
    void anEncryptionKeyIsTheBase64Of32BytesAndIsNeverTold(String value, String reason) {
        String keys = value.replace("K", KEY).replace("O,", OTHER_KEY + ",").replace(",O", "," + OTHER_KEY);
        assertThat(faults(Map.of("sluice.api.encryption-key", keys)))
                .contains("has 1 fault", "sluice.api.encryption-key: " + reason)
                .doesNotContain(KEY, OTHER_KEY, "s3cret", "c2hvcnQtczNjcmV0");
    }

    @Test
    void everySecretOfASourceCounts() {
        byte[] body = "x".getBytes(StandardCharsets.UTF_8);
        Verifier verifier = read(GOOD, Map.of()).sources().named("shop").verifier();
        for (String secret : List.of("s3cret-one", "s3cret-two")) {
            String signature = verifier.scheme().write(SigningKey.ofText(secret).sign(body));
            assertThat(verifier.verify(List.of(signature), body)).isEqualTo(Verdict.GENUINE);
        }
    }

    @Test
    void aTargetMaySayHowItIsConnectedTo() {
        Map<String, String> more = new HashMap<>(GOOD);
        more.put("sluice.targets.erp.tls", "good");
        more.put("sluice.targets.erp.proxy", "dmz");
        more.put("sluice.targets.erp.auth.oauth2", "crm");
        assertThat(read(more, Map.of()).targets().named("erp").connection())
                .isEqualTo(new Connection(Optional.of("good"), Optional.of("dmz"), Optional.of("crm")));
        assertThat(read(GOOD, Map.of()).targets().named("erp").connection()).isEqualTo(Connection.ORDINARY);
    }

    @Test
    void aTargetMayBeToldWhoCallsIt() {
        Map<String, String> basic = new HashMap<>(GOOD);
        basic.put("sluice.targets.erp.auth.basic.username", "Aladdin");
        basic.put("sluice.targets.erp.auth.basic.password", "open sesame");
        assertThat(read(basic, Map.of()).targets().named("erp").headers())
                .isEqualTo(Map.of("X-Api-Key", "k", "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assertThat(read(GOOD, Map.of("SLUICE_TARGETS_ERP_AUTH_BEARER", "mF_9.B5f-4.1JqM"))
                        .targets()
                        .named("erp")
                        .headers())
                .containsEntry("Authorization", "Bearer mF_9.B5f-4.1JqM");
    }

    @ParameterizedTest
    @CsvSource({
        "headers.authorization,auth.bearer",
        "headers.Authorization,auth.basic.username",
        "auth.basic.username,auth.bearer",
        "auth.bearer,auth.oauth2"
    })
    void itIsToldInOneWayOnly(String one, String another) {
        Map<String, String> bad = new HashMap<>(GOOD);
        if ((one + another).contains("basic")) {
            bad.put("sluice.targets.erp.auth.basic.password", "s3cret");
        }
        bad.put("sluice.targets.erp." + one, "s3cret");
        bad.put("sluice.targets.erp." + another, another.endsWith("oauth2") ? "crm" : "s3cret");
        assertThat(faults(bad))
                .contains("has 1 fault", "as well; keep one of them")
                .doesNotContain("s3cret");
    }

    @Test
    void aUsernameHoldsNoColon() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.auth.basic.username", "s3:cret");
        bad.put("sluice.targets.erp.auth.basic.password", "s3cret");
        assertThat(faults(bad)).contains("has 1 fault", "it holds a colon").doesNotContain("s3cret", "s3:cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice.targets.erp.address-guard", "sluice.policies.patient.address-guard"})
    void nothingIsGuardedBehindAProxy(String key) {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.proxy", "dmz");
        bad.put(key, "on");
        assertThat(faults(bad)).contains("has 1 fault", "sluice.targets.erp.proxy: the address guard cannot see");
    }

    @Test
    void thereIsNoTlsInTheClear() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.url", "http://erp.internal/hooks");
        bad.put("sluice.targets.erp.tls", "good");
        assertThat(faults(bad)).contains("has 1 fault", "sluice.targets.erp.tls: there is no TLS with http");
    }

    @Test
    void readsTheKeysOfTheApi() {
        assertThat(read(GOOD, Map.of()).apiKeys().all())
                .containsExactly(new ApiKey(
                        "ops",
                        List.of(KeyDigest.of("k3y-old"), KeyDigest.of("k3y-new")),
                        Set.of(Roles.OPERATE, Roles.PUBLISH)));
        assertThat(read(Map.of(), Map.of()).apiKeys().all()).isEmpty();
    }

    @Test
    void takesAKeyOfTheApiFromTheEnvironment() {
        Map<String, String> environment =
                Map.of("SLUICE_API_KEYS_CI_SHA256", sha256("k3y"), "SLUICE_API_KEYS_CI_ROLES", "publish");
        assertThat(read(Map.of(), environment).apiKeys().all())
                .containsExactly(new ApiKey("ci", List.of(KeyDigest.of("k3y")), Set.of(Roles.PUBLISH)));
    }

    @Test
    void aSecretMayHoldAnEscapedComma() {
        assertThat(Values.list(Optional.of("a\\,b, c"))).containsExactly("a,b", "c");
    }

    @Test
    void aFileTakesOneBackslashForItself() throws IOException {
        Properties file = new Properties();
        file.load(new StringReader("secrets=a\\\\,b"));
        assertThat(Values.list(Optional.of(file.getProperty("secrets")))).containsExactly("a,b");
    }

    @Test
    void takesValuesFromTheEnvironment() {
        Settings settings = read(GOOD, Map.of("SLUICE_POLICIES_PATIENT_TIMEOUT", "3s"));
        assertThat(settings.policies().byName().get("patient").timeout()).hasSeconds(3);
    }

    @Test
    void anEmptySecretIsAFaultAndNoTargetIsUnsignedBecauseOfIt() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.secret", "");
        bad.put("sluice.sources.shop.secrets", "");
        assertThat(faults(bad))
                .contains("sluice.targets.erp.secret: it is empty", "sluice.sources.shop.secrets: it is empty");
    }

    @Test
    void variablesThatKubernetesSetsForAServiceOfThatNameAreNoKeys() {
        read(
                GOOD,
                Map.of(
                        "SLUICE_SERVICE_HOST",
                        "10.0.0.1",
                        "SLUICE_PORT_8080_TCP_ADDR",
                        "10.0.0.1",
                        "SLUICE_OPS_SERVICE_PORT_HTTP",
                        "80",
                        "SLUICE_OPS_PORT",
                        "tcp://10.0.0.1:80"));
        assertThat(faults(Map.of("sluice.service.host", "10.0.0.1"))).contains("there is no such key");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice.sources.shop.secrets|s3cret-one,|one of them is empty",
                "sluice.sources.shop.scheme|md5|there is no 'md5'",
                "sluice.sources.shop.signature.encoding|hexx|there is no 'hexx'",
                "sluice.sources.shop.signature.header|X Sig|no header's name",
                "sluice.sources.shop.type|event|neither a JSON Pointer",
                "sluice.sources.shop.stale|drop|sluice.sources.shop.stale.by: it is missing",
                "sluice.sources.shop.stale.by|/v|sluice.sources.shop.stale: it is missing",
                "sluice.sources.shop.stale|keep|sluice.sources.shop.stale: there is no 'keep'; choose deliver or drop",
                "sluice.publish.stale.by|v|sluice.publish.stale.by: 'v' is neither a JSON Pointer",
                "sluice.publish.stale|drop|sluice.publish.stale.by: it is missing",
                "sluice.sources.shop.durability|disk|sluice.sources.shop.durability: there is no 'disk'; choose fsync or memory or rep",
                "sluice.sources.shop.durability.replicas|2|sluice.sources.shop.durability.replicas: nothing waits",
                "sluice.publish.durability.replicas|0|sluice.publish.durability.replicas: ",
                "sluice.sources.shop.ordering|event|nothing is ordered by it",
                "sluice.sources.shop.dedup.window|24h|would outlast the window",
                "sluice.sources.shop.retry-window|3 days|no duration",
                "sluice.sources.shop.retry-window|72h|would outlast the window",
                "sluice.sources.SHOP.secrets|x|equal to",
                "sluice.targets.ERP.url|http://x|equal to",
                "sluice.targets.erp.url|ftp://x/|neither http",
                "sluice.targets.erp.url|https://user:pw@x/|credentials",
                "sluice.targets.erp.url|/hooks|neither http",
                "sluice.targets.erp.url|http:///hooks|no host",
                "sluice.targets.erp.url|http://my_service/hooks|no host",
                "sluice.targets.erp.url|http://x:65536/|no port 65536",
                "sluice.targets.erp.url|http://x:0/|no port 0",
                "sluice.targets.erp.headers.Expect|100-continue|sets this header itself",
                "sluice.targets.erp.headers.X-Y|k\u00fcche|not printable ASCII",
                "sluice.sources.shop.type|/a~2b|neither a JSON Pointer",
                "sluice.sources.shop.type|/a~|neither a JSON Pointer",
                "sluice.lanes.lease|400d|up to 365 days",
                "sluice.lanes.lease|6m|would wait for as long",
                "sluice.policies.patient.retry.initial|6m|longer than the longest delay",
                "sluice.policies.patient.connect-timeout|11s|longer than the timeout",
                "sluice.targets.erp.url|http://a b/|no URL",
                "sluice.targets.erp.url|https://x/#part|a fragment",
                "sluice.targets.crm.events|A|sluice.targets.crm.url: it is missing",
                "sluice.targets.e p.url|http://x/|this is no name",
                "sluice.targets.erp.events|A,,B|one of them is empty",
                "sluice.targets.erp.headers.X Y|3|no header's name",
                "sluice.targets.erp.headers.X-Y|a\tb|not printable ASCII",
                "sluice.targets.erp.sources|shopp|there is no source 'shopp'",
                "sluice.targets.erp.policy|patent|there is no policy 'patent'",
                "sluice.targets.erp.filters[0].pointer|/a|erp.filters[0].pointer: nothing is demanded",
                "sluice.targets.erp.filters[0].exists|true|erp.filters[0].pointer: it is missing",
                "sluice.targets.erp.filters[0].exists|yes|erp.filters[0].exists: there is no 'yes'; choose false or true",
                "sluice.targets.erp.filters[0].pointer|data|erp.filters[0].pointer: it is no JSON Pointer",
                "sluice.targets.erp.filters[0].pointer|header:X|erp.filters[0].pointer: it is no JSON Pointer",
                "sluice.targets.erp.filters[0].at-most|a lot|erp.filters[0].at-most: 'a lot' is no number",
                "sluice.targets.erp.filters[0].equals|${NOT_SET}|erp.filters[0].equals: it is empty, or refers",
                "sluice.targets.erp.filters[1].pointer|/a|erp.filters[1].pointer: there is none of the number before it",
                "sluice.targets.erp.filters[0].equal|x|there is no such key",
                "sluice.targets.erp.filters[x].equals|x|there is no such key",
                "sluice.targets.erp.filters.pointer|/a|there is no such key",
                "sluice.targets.erp.ordering|entity|there is no 'entity'",
                "sluice.targets.erp.headers.Content-Length|3|sets this header itself",
                "sluice.policies.patient.concurrency|0|no whole number of 1 to 10000",
                "sluice.policies.patient.backlog.max|0|no whole number of 1 to 1000000000",
                "sluice.policies.patient.backlog.max.bytes|2T|no size above zero",
                "sluice.policies.patient.backlog.full|drop|there is no 'drop'; choose dead-letter or disable",
                "sluice.policies.patient.backlog|latest|there is no such key",
                "sluice.targets.erp.dead-letters.max|-1|sluice.targets.erp.dead-letters.max: '-1' is no whole number",
                "sluice.policies.patient.rate-limit.max|-1|no whole number of 0 to 1000000",
                "sluice.policies.patient.rate-limit.max|200000|too fast to be kept to",
                "sluice.policies.patient.rate-limit.window|1s|there is no limit",
                "sluice.policies.patient.rate-limit.scope|fleet|choose",
                "sluice.policies.patient.retry.factor|0.5|no number of",
                "sluice.policies.patient.concurrency|1.5|no whole number of 1 to 10000",
                "sluice.policies.patient.concurrency|10001|no whole number of 1 to 10000",
                "sluice.policies.patient.retry.jitter|1.01|no number of 0.0 to 1.0",
                "sluice.policies.patient.timeout|0s|no duration above zero",
                "sluice.policies.patient.timeout|-1s|no duration above zero",
                "sluice.address-guard.allow|10.20.0.0/16,10.1|sluice.address-guard.allow: one of them is neither an address",
                "sluice.targets.erp.address-guard|yes|sluice.targets.erp.address-guard: there is no 'yes'",
                "sluice.policies.patient.circuit.window|0|circuit.window: '0' is no whole number of 1 to 10000",
                "sluice.targets.erp.circuit.failure-ratio|1.5|erp.circuit.failure-ratio: '1.5' is no number of 0.01 to 1",
                "sluice.policies.patient.circuit.delay|soon|circuit.delay: 'soon' is no duration",
                "sluice.policies.patient.circuit.successes|0|circuit.successes: '0' is no whole number",
                "sluice.policies.patient.final|200|sluice.policies.patient.final: '200' is no whole number of 300 to 599",
                "sluice.targets.erp.final|400,gone|sluice.targets.erp.final: 'gone' is no whole number",
                "sluice.targets.erp.concurrency|0|sluice.targets.erp.concurrency: '0' is no whole number",
                "sluice.targets.erp.retry.delays|1s,|sluice.targets.erp.retry.delays: '' is no duration",
                "sluice.policies.patient.retry.delays|1s|there are others for delays that grow",
                "sluice.policies.patient.on-exhausted|drop|there is no 'drop'",
                "sluice.lanes.partitions|0|no whole number",
                "sluice.lanes.lease|2s|too short to be renewed",
                "sluice.redis.timeout|5s|wait too long",
                "sluice.lanes.lease|1s|no attempt could begin",
                "sluice.targets.erp.secret|${NOT_SET}|sluice.targets.erp.secret: it is empty, or refers",
                "sluice.api.keys.ci.sha256|s3cret|sha256: one of them is not 64 hexadecimal digits",
                "sluice.api.keys.ci.sha256|zz8f9a7b2f6c1a0c9d7e5a1b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f|not 64 hexadecimal digits",
                "sluice.api.keys.ci.sha256|03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4,|not 64 hexadecimal",
                "sluice.api.keys.ci.sha256|E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855|SHA-256 of nothing",
                "sluice.api.keys.ci.roles|publish|sluice.api.keys.ci.sha256: it is missing",
                "sluice.api.keys.ci.sha256|03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4|ci.roles: it is missing",
                "sluice.api.keys.ops.roles|operate,admin|there is no role 'admin'; name one or several of [inspect, manage, operate, publish]",
                "sluice.api.keys.ops.roles|operate,|there is no role ''",
                "sluice.api.keys.OPS.roles|publish|equal to",
                "sluice.api.keys.o ps.roles|publish|this is no name",
                "sluice.api.keys.ops.key|x|there is no such key",
                "sluice.targets.erp.tls|internal|sluice.targets.erp.tls: there is nothing under quarkus.tls.internal; say there",
                "sluice.targets.erp.tls|blind|quarkus.tls.blind does not verify who is at the other end",
                "sluice.targets.erp.tls|nameless|quarkus.tls.nameless does not verify who is at the other end",
                "sluice.targets.erp.auth.basic.username|sluice|sluice.targets.erp.auth.basic.password: it is missing",
                "sluice.targets.erp.auth.basic.password|s3cret|sluice.targets.erp.auth.basic.username: it is missing",
                "sluice.targets.erp.auth.bearer|Bearer abc|sluice.targets.erp.auth.bearer: this is no token",
                "sluice.targets.erp.auth.token|abc|there is no such key",
                "sluice.targets.erp.headers.Proxy-Authorization|x|the gateway sets this header itself",
                "sluice.targets.erp.auth.oauth2|idp|sluice.targets.erp.auth.oauth2: there is no quarkus.oidc-client.idp; say",
                "sluice.targets.erp.auth.oauth2|away|sluice.targets.erp.auth.oauth2: there is no quarkus.oidc-client.away",
                "sluice.targets.erp.auth.oauth2|nobody|quarkus.oidc-client.nobody.client-id is missing",
                "sluice.targets.erp.auth.oauth2|found-out|quarkus.oidc-client.found-out would have to be found out",
                "sluice.targets.erp.auth.oauth2|blind|quarkus.oidc-client.blind does not verify",
                "sluice.targets.erp.auth.oauth2|careless|quarkus.oidc-client.careless does not verify",
                "sluice.targets.erp.proxy|squid|sluice.targets.erp.proxy: there is no quarkus.proxy.squid.host",
                "sluice.targets.erp.proxy|none|sluice.targets.erp.proxy: there is no quarkus.proxy.none.host",
                "sluice.targets.erp.signatures|optondemand|sluice.targets.erp.signatures: there is no secret",
                "sluice.targets.erp.signatures|optondemand,svix|there is no 'svix'; choose optondemand or standard-web",
                "sluice.targets.erp.signatures|optondemand,|there is no ''",
                "sluice.targets.erp.previous-secret|x|no secret has taken its place",
                "sluice.api.encryption-keys|x|there is no such key",
                "sluice.api.keys.ops.roles|manage|sluice.api.encryption-key: it is missing",
                "sluice.webhooks.sources|shop,depot|sluice.webhooks.sources: there is no source 'depot'",
                "sluice.webhooks.secret-overlap|a day|no duration above zero",
                "sluice.webhooks.disable-after|never|no duration above zero",
                "sluice.webhooks.concurrency|0|sluice.webhooks.concurrency: '0' is no whole number",
                "sluice.events.catalogue|A,B*|one of them is empty or a pattern",
                "sluice.publish.ordering|none|there is no 'none'",
                "sluice.publish.ordering-key.missing|unreadable|there is no 'unreadable'",
                "sluice.publish.secrets|x|there is no such key",
                "sluice.sources.publish.secrets|x|published events have this name",
                "sluice.targets.wh_1.url|http://x/|registered webhooks have such names",
                "sluice.targets.webhooks.url|http://x/|registered webhooks have such names",
                "sluice.sources.shop.retention|1h|events are found again by their history, which is shorter",
                "sluice.publish.retention|25h|events are found again by their history, which is shorter",
                "sluice.sources.shop.retention|soon|sluice.sources.shop.retention: ",
                "sluice.retention.max-bytes|much|sluice.retention.max-bytes: ",
                "sluice.sources.shop.secret|x|there is no such key",
                "sluice.nonsense|1|there is no such key"
            })
    void tellsEachFaultWithItsKeyAndReason(String key, String value, String reason) {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put(key, value);
        assertThat(faults(bad)).contains(reason);
    }

    @Test
    void twoNamesDoNotShareAKey() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.api.keys.shared.sha256", sha256("k3y-new"));
        bad.put("sluice.api.keys.shared.roles", "publish");
        assertThat(faults(bad))
                .contains("has 1 fault", "sluice.api.keys.shared.sha256: 'ops' has the same key")
                .doesNotContain(sha256("k3y-new"));
    }

    @Test
    void withoutOrderThereIsNoLatest() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.targets.erp.backlog", "latest");
        bad.put("sluice.targets.erp.ordering", "none");
        assertThat(faults(bad)).contains("sluice.targets.erp.backlog: without order there is no newer event");
    }

    @Test
    void tellsAllFaultsAtOnceAndNoSecret() {
        Map<String, String> bad = new HashMap<>(GOOD);
        bad.put("sluice.sources.shop.secrets", "s3cret-one,,s3cret-two");
        bad.put("sluice.targets.erp.policy", "patent");
        bad.put("sluice.lanes.burst", "none");
        bad.put("sluice.api.keys.ops.sha256", "s3cret-three");
        bad.put("sluice.typo", "1");
        assertThat(faults(bad))
                .contains(
                        "has 5 faults",
                        "sluice.sources.shop.secrets",
                        "sluice.targets.erp.policy",
                        "sluice.lanes.burst",
                        "sluice.api.keys.ops.sha256",
                        "sluice.typo")
                .doesNotContain("s3cret");
    }

    @Test
    void aSourceNeedsSecretsHeaderTypeAndOrderingKey() {
        assertThat(faults(Map.of("sluice.sources.raw.scheme", "hmac-sha256")))
                .contains(
                        "sluice.sources.raw.secrets: it is missing",
                        "sluice.sources.raw.signature.header: it is missing",
                        "sluice.sources.raw.type: it is missing",
                        "sluice.sources.raw.ordering-key: it is missing");
    }

    private static String sha256(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** OAuth2 clients as they are read from {@code quarkus.oidc-client.*}. */
    private static Map<String, OidcClientConfig> clients() {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withMapping(OidcClientsConfig.class)
                .withSources(new PropertiesConfigSource(CLIENTS, "test", 100))
                .build()
                .getConfigMapping(OidcClientsConfig.class)
                .namedClients();
    }

    /** A proxy as it would be read from {@code quarkus.proxy.*}. */
    private static Optional<ProxyConfiguration> proxy(Optional<String> name) {
        if (!name.equals(Optional.of("dmz")) && !name.equals(Optional.of("none"))) {
            throw new IllegalStateException("there is none");
        }
        return Optional.of(new ProxyConfiguration() {
            @Override
            public String host() {
                return "proxy.internal";
            }

            @Override
            public int port() {
                return 3128;
            }

            @Override
            public Optional<String> username() {
                return Optional.empty();
            }

            @Override
            public Optional<String> password() {
                return Optional.empty();
            }

            @Override
            public Optional<List<String>> nonProxyHosts() {
                return Optional.empty();
            }

            @Override
            public Optional<Duration> proxyConnectTimeout() {
                return Optional.empty();
            }

            @Override
            public ProxyType type() {
                return ProxyType.HTTP;
            }
        });
    }

    /** TLS configurations as they would be read from {@code quarkus.tls.*}. */
    private static final class KnownTls implements TlsConfigurationRegistry {
        private final Map<String, TlsConfiguration> named = new HashMap<>();

        KnownTls() {
            register("good", new Known(false, Optional.of("HTTPS")));
            register("blind", new Known(true, Optional.empty()));
            register("nameless", new Known(false, Optional.of("none")));
        }

        @Override
        public Optional<TlsConfiguration> get(String name) {
            return Optional.ofNullable(named.get(name));
        }

        @Override
        public Optional<TlsConfiguration> getDefault() {
            return Optional.empty();
        }

        @Override
        public void register(String name, TlsConfiguration configuration) {
            named.put(name, configuration);
        }

        private static final class Known extends BaseTlsConfiguration {
            private final boolean trustAll;
            private final Optional<String> algorithm;

            Known(boolean trustAll, Optional<String> algorithm) {
                this.trustAll = trustAll;
                this.algorithm = algorithm;
            }

            @Override
            public boolean isTrustAll() {
                return trustAll;
            }

            @Override
            public Optional<String> getHostnameVerificationAlgorithm() {
                return algorithm;
            }
        }
    }

    private static String faults(Map<String, String> properties) {
        return catchThrowableOfType(BadConfiguration.class, () -> read(properties, Map.of()))
                .getMessage();
    }

    private static Settings read(Map<String, String> properties, Map<String, String> environment) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(SluiceProperties.class)
                .withValidateUnknown(false)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .withSources(new EnvConfigSource(environment, 300))
                .build();
        Faults faults = new Faults();
        MeaninglessKeys.check(config, faults);
        Settings settings = Settings.read(
                config.getConfigMapping(SluiceProperties.class),
                new ConnectionSettings(new KnownTls(), SettingsTest::proxy, clients()),
                faults);
        faults.throwIfAny();
        return settings;
    }
}
