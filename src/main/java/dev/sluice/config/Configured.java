package dev.sluice.config;

import dev.sluice.access.ApiKeys;
import dev.sluice.delivery.AddressGuard;
import dev.sluice.delivery.Policies;
import dev.sluice.ingress.Sources;
import dev.sluice.lane.LaneSettings;
import dev.sluice.redis.RedisSettings;
import dev.sluice.signature.Seal;
import dev.sluice.target.Targets;
import dev.sluice.target.WebhookSettings;
import dev.sluice.webhook.PublishedSource;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.proxy.ProxyConfigurationRegistry;
import io.quarkus.tls.TlsConfigurationRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.config.Config;

/** Hands the configuration to the other packages. The first of them to ask, at start-up, has it checked as a whole. */
@Singleton
class Configured {
    private static final String REDIS = "quarkus.redis.hosts";

    private final Settings settings;

    Configured(
            SluiceProperties properties,
            Config config,
            TlsConfigurationRegistry tls,
            ProxyConfigurationRegistry proxies,
            OidcClientsConfig oauth2) {
        Faults faults = new Faults();
        if (config.getOptionalValue(REDIS, String.class).isEmpty()
                && config.getOptionalValue("quarkus.redis.hosts-provider-name", String.class)
                        .isEmpty()) {
            faults.add(REDIS, "it is missing", "tell where Redis is, for example redis://redis:6379");
        }
        MeaninglessKeys.check(config, faults);
        settings = Settings.read(properties, new ConnectionSettings(tls, proxies, oauth2.namedClients()), faults);
        faults.throwIfAny();
    }

    @Produces
    @Singleton
    Sources sources() {
        return settings.sources();
    }

    @Produces
    @Singleton
    Targets targets() {
        return settings.targets();
    }

    @Produces
    @Singleton
    Policies policies() {
        return settings.policies();
    }

    @Produces
    @Singleton
    RedisSettings redis() {
        return settings.redis();
    }

    @Produces
    @Singleton
    LaneSettings lanes() {
        return settings.lanes();
    }

    @Produces
    @Singleton
    ApiKeys apiKeys() {
        return settings.apiKeys();
    }

    /** The time of rules that depend on it; a test puts in a clock of its own. */
    @Produces
    @Singleton
    InstantSource time() {
        return InstantSource.system();
    }

    @Produces
    @Singleton
    Seal seal() {
        return settings.seal();
    }

    @Produces
    @Singleton
    AddressGuard addressGuard() {
        return settings.addressGuard();
    }

    @Produces
    @Singleton
    WebhookSettings webhooks() {
        return settings.webhooks();
    }

    @Produces
    @Singleton
    PublishedSource published() {
        return settings.published();
    }
}
