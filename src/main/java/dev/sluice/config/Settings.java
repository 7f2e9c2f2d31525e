package dev.sluice.config;

import dev.sluice.access.ApiKeys;
import dev.sluice.access.Roles;
import dev.sluice.delivery.AddressGuard;
import dev.sluice.delivery.Policies;
import dev.sluice.delivery.Policy;
import dev.sluice.ingress.Source;
import dev.sluice.ingress.Sources;
import dev.sluice.lane.LaneSettings;
import dev.sluice.redis.Durability;
import dev.sluice.redis.RedisSettings;
import dev.sluice.signature.Seal;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import dev.sluice.target.WebhookSettings;
import dev.sluice.webhook.PublishedSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The whole configuration, read and checked. */
record Settings(
        Sources sources,
        Targets targets,
        Policies policies,
        RedisSettings redis,
        LaneSettings lanes,
        ApiKeys apiKeys,
        Seal seal,
        AddressGuard addressGuard,
        WebhookSettings webhooks,
        PublishedSource published) {
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration REDIS_TIMEOUT = Duration.ofMillis(1500);

    /** So that a sender has its 503 within two seconds. */
    private static final Duration LONGEST_REDIS_TIMEOUT = Duration.ofMillis(1900);

    /** A renewal begins after a third of a lease and may be tried twice before the attempt has to be aborted. */
    private static final int LEAST_TIMEOUTS_A_LEASE = 4;

    /** Shorter ones would be over before an attempt that needs some of it may begin. */
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);

    /** The lanes of a gateway that died wait for as long. */
    private static final Duration LONGEST_LEASE = Duration.ofMinutes(5);

    private static final int PARTITIONS = 64;
    private static final int MOST_PARTITIONS = 1024;
    private static final int BURST = 4;
    private static final int MOST_BURST = 1_000_000;

    static Settings read(SluiceProperties properties, ConnectionSettings connections, Faults faults) {
        Values.checkNames(SourceSettings.SECTION, properties.sources().keySet(), faults);
        Values.checkNames(TargetSettings.SECTION, properties.targets().keySet(), faults);
        Values.checkNames(PolicySettings.SECTION, properties.policies().keySet(), faults);
        Values.checkNames(ApiSettings.SECTION, properties.api().keys().keySet(), faults);

        Map<String, Source> sources = new HashMap<>();
        Map<String, String> orderings = new TreeMap<>();
        Set<String> droppingStale = new HashSet<>();
        Map<String, Durability> durabilities = new HashMap<>();
        properties.sources().forEach((name, source) -> {
            SourceSettings settings = SourceSettings.read(name, source, faults);
            sources.put(name, settings.source());
            orderings.put(name, settings.orderingFingerprint());
            durabilities.put(name, settings.durability());
            if (settings.dropsStale()) {
                droppingStale.add(name);
            }
        });

        Map<String, Policy> policies = new HashMap<>();
        policies.put(PolicySettings.DEFAULT, PolicySettings.ordinary());
        properties
                .policies()
                .forEach((name, policy) -> policies.put(
                        name,
                        PolicySettings.read(
                                PolicySettings.SECTION + name + ".", policy, PolicySettings.ordinary(), faults)));

        List<Target> targets = new ArrayList<>();
        Map<String, Policy> ofTargets = new HashMap<>();
        properties.targets().forEach((name, target) -> {
            Target read = TargetSettings.read(
                    name,
                    target,
                    withPublished(sources.keySet()),
                    new TreeSet<>(policies.keySet()),
                    connections,
                    faults);
            targets.add(read);
            Policy named = policies.getOrDefault(read.policy(), PolicySettings.ordinary());
            Policy own = PolicySettings.read(TargetSettings.SECTION + name + ".", target, named, faults);
            ofTargets.put(name, own);
            checkTogether(read, own, faults);
        });
        checkReserved(sources.keySet(), targets, faults);

        PublishSettings published = PublishSettings.read(properties.publish(), faults);
        orderings.put(PublishedSource.NAME, published.orderingFingerprint());
        durabilities.put(PublishedSource.NAME, published.durability());
        if (published.dropsStale()) {
            droppingStale.add(PublishedSource.NAME);
        }
        ApiKeys apiKeys = ApiSettings.read(properties.api().keys(), faults);
        Seal seal = SealSettings.read(properties.api(), faults);
        if (seal.isEmpty() && apiKeys.anyMay(Roles.MANAGE)) {
            faults.add(
                    "sluice.api.encryption-key",
                    "it is missing, and a key may register webhooks, whose secrets are stored under it",
                    "make one with: openssl rand -base64 32");
        }

        RedisSettings redis = redis(properties, Set.copyOf(durabilities.values()), faults);
        return new Settings(
                new Sources(Map.copyOf(sources)),
                new Targets(targets),
                new Policies(Map.copyOf(policies), Map.copyOf(ofTargets)),
                redis,
                lanes(
                        properties,
                        redis.timeout(),
                        orderings,
                        droppingStale,
                        HistorySettings.read(properties, faults),
                        Map.copyOf(durabilities),
                        faults),
                apiKeys,
                seal,
                addressGuard(properties, faults),
                RegistrySettings.read(properties, withPublished(sources.keySet()), policies.keySet(), seal, faults),
                published.source());
    }

    private static AddressGuard addressGuard(SluiceProperties properties, Faults faults) {
        try {
            return new AddressGuard(Values.list(properties.addressGuard().allow()));
        } catch (IllegalArgumentException e) {
            faults.add(
                    "sluice.address-guard.allow",
                    "one of them is neither an address, a range nor a host: " + e.getMessage(),
                    "write for example 10.20.0.0/16,hooks.internal");
            return new AddressGuard(List.of());
        }
    }

    private static RedisSettings redis(SluiceProperties properties, Set<Durability> promised, Faults faults) {
        Values redis = new Values("sluice.redis.", faults);
        Duration timeout = redis.duration("timeout", properties.redis().timeout(), REDIS_TIMEOUT);
        if (timeout.compareTo(LONGEST_REDIS_TIMEOUT) > 0) {
            redis.fault("timeout", "senders would wait too long for their 503", "make it at most 1900ms");
        }
        return new RedisSettings(timeout, promised);
    }

    private static LaneSettings lanes(
            SluiceProperties properties,
            Duration timeout,
            Map<String, String> orderings,
            Set<String> droppingStale,
            HistorySettings history,
            Map<String, Durability> durabilities,
            Faults faults) {
        Values lanes = new Values("sluice.lanes.", faults);
        Duration lease = lanes.duration("lease", properties.lanes().lease(), LEASE);
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            lanes.fault("lease", "no attempt could begin and be settled in it", "make it 2s or longer");
        }
        if (lease.compareTo(LONGEST_LEASE) > 0) {
            lanes.fault("lease", "the lanes of a gateway that dies would wait for as long", "make it 5m or shorter");
        }
        Duration least = timeout.multipliedBy(LEAST_TIMEOUTS_A_LEASE);
        if (lease.compareTo(least) < 0) {
            lanes.fault(
                    "lease",
                    "it is too short to be renewed in time when Redis takes " + timeout.toMillis() + " ms to answer",
                    "make it " + least.toMillis() + "ms or longer, or lower sluice.redis.timeout");
        }
        return new LaneSettings(
                lanes.integer("partitions", properties.lanes().partitions(), PARTITIONS, 1, MOST_PARTITIONS),
                lease,
                lanes.integer("burst", properties.lanes().burst(), BURST, 1, MOST_BURST),
                orderings,
                droppingStale,
                history.histories(),
                history.mostEvents(),
                history.retentions(),
                history.mostBytes(),
                durabilities);
    }

    private static Set<String> withPublished(Set<String> sources) {
        Set<String> all = new TreeSet<>(sources);
        all.add(PublishedSource.NAME);
        return all;
    }

    /** What of a target and its policy does not go together, though each is right by itself. */
    private static void checkTogether(Target target, Policy policy, Faults faults) {
        String section = TargetSettings.SECTION + target.name() + ".";
        if (policy.bounds().latest() && !target.ordered()) {
            faults.add(section + "backlog", "without order there is no newer event", "remove it, or ordering=none");
        }
        if (policy.guarded() && target.connection().proxy().isPresent()) {
            faults.add(
                    section + "proxy",
                    "the address guard cannot see where a proxy leads",
                    "remove it, or set " + section + "address-guard=off");
        }
    }

    /** Names that stand for something else. */
    private static void checkReserved(Set<String> sources, List<Target> targets, Faults faults) {
        if (sources.contains(PublishedSource.NAME)) {
            faults.add(
                    SourceSettings.SECTION + PublishedSource.NAME,
                    "published events have this name",
                    "rename it, or set sluice.publish.*");
        }
        for (Target target : targets) {
            if (Target.isRegistered(target.name()) || target.name().equals(Target.ALL_REGISTERED)) {
                faults.add(TargetSettings.SECTION + target.name(), "registered webhooks have such names", "rename it");
            }
        }
    }
}
