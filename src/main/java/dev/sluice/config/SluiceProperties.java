package dev.sluice.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every property under {@code sluice.}, as text: what it means is decided where its faults can be told together. The README
 * has each with its meaning and default.
 */
@ConfigMapping(prefix = "sluice")
public interface SluiceProperties {
    Map<String, Source> sources();

    Map<String, Target> targets();

    Map<String, Policy> policies();

    Lanes lanes();

    Redis redis();

    Webhooks webhooks();

    AddressGuard addressGuard();

    Events events();

    Publish publish();

    History history();

    Retention retention();

    Api api();

    /** {@code sluice.sources.<name>.*}. */
    interface Source {
        Optional<String> scheme();

        Optional<String> secrets();

        Signature signature();

        Optional<String> type();

        Optional<String> timestamp();

        Optional<String> ordering();

        OrderingKey orderingKey();

        Stale stale();

        Durability durability();

        Optional<String> unreadable();

        Dedup dedup();

        Optional<String> retryWindow();

        Optional<String> history();

        Optional<String> retention();
    }

    /** {@code sluice.sources.<name>.signature.*}. */
    interface Signature {
        Optional<String> header();

        Optional<String> prefix();

        Optional<String> encoding();
    }

    /** {@code sluice.sources.<name>.ordering-key} and {@code .ordering-key.missing}. */
    interface OrderingKey {
        @WithParentName
        Optional<String> places();

        Optional<String> missing();
    }

    /** {@code sluice.sources.<name>.stale} and {@code .stale.by}. */
    interface Stale {
        @WithParentName
        Optional<String> action();

        Optional<String> by();
    }

    /** {@code sluice.sources.<name>.durability} and {@code .durability.replicas}. */
    interface Durability {
        @WithParentName
        Optional<String> level();

        Optional<String> replicas();
    }

    /** {@code sluice.sources.<name>.dedup.*}. */
    interface Dedup {
        Optional<String> id();

        Optional<String> window();
    }

    /** {@code sluice.targets.<name>.*}. */
    interface Target extends Policy {
        Optional<String> url();

        Optional<String> sources();

        Optional<String> events();

        List<Filter> filters();

        Optional<String> policy();

        Optional<String> ordering();

        Optional<String> secret();

        Optional<String> previousSecret();

        Optional<String> signatures();

        Map<String, String> headers();

        Optional<String> tls();

        Optional<String> proxy();

        Auth auth();
    }

    /** {@code sluice.targets.<name>.auth.*}. */
    interface Auth {
        Basic basic();

        Optional<String> bearer();

        Optional<String> oauth2();
    }

    /** {@code sluice.targets.<name>.auth.basic.*}. */
    interface Basic {
        Optional<String> username();

        Optional<String> password();
    }

    /** {@code sluice.targets.<name>.filters[<number>].*}. */
    interface Filter {
        Optional<String> pointer();

        @WithName("equals")
        Optional<String> equalTo();

        Optional<String> in();

        Optional<String> glob();

        Optional<String> exists();

        Optional<String> greaterThan();

        Optional<String> atLeast();

        Optional<String> lessThan();

        Optional<String> atMost();
    }

    /** {@code sluice.policies.<name>.*}, and what a target has otherwise than its policy: {@code sluice.targets.<name>.*}. */
    interface Policy {
        Optional<String> timeout();

        Optional<String> connectTimeout();

        Optional<String> concurrency();

        RateLimit rateLimit();

        Circuit circuit();

        Optional<String> addressGuard();

        Retry retry();

        Backlog backlog();

        DeadLetters deadLetters();

        @WithName("final")
        Optional<String> finalStatuses();

        Optional<String> onExhausted();
    }

    /** {@code .rate-limit.*} of a policy. */
    interface RateLimit {
        Optional<String> max();

        Optional<String> window();

        Optional<String> scope();
    }

    /** {@code .circuit.*} of a policy. */
    interface Circuit {
        Optional<String> window();

        Optional<String> failureRatio();

        Optional<String> delay();

        Optional<String> successes();
    }

    /** {@code .backlog.*} of a policy; and of a target {@code .backlog}. */
    interface Backlog {
        @WithParentName
        Optional<String> kept();

        Bound max();

        Optional<String> full();
    }

    /** {@code .dead-letters.*} of a policy. */
    interface DeadLetters {
        Bound max();
    }

    /** {@code .max} and {@code .max.bytes}. */
    interface Bound {
        @WithParentName
        Optional<String> events();

        Optional<String> bytes();
    }

    /** {@code .retry.*} of a policy. */
    interface Retry {
        Optional<String> initial();

        Optional<String> factor();

        Optional<String> maxDelay();

        Optional<String> window();

        Optional<String> delays();

        Optional<String> jitter();
    }

    /** {@code sluice.lanes.*}. */
    interface Lanes {
        Optional<String> partitions();

        Optional<String> lease();

        Optional<String> burst();
    }

    /** {@code sluice.redis.*}. */
    interface Redis {
        Optional<String> timeout();
    }

    /** {@code sluice.api.*}. */
    interface Api {
        Map<String, Key> keys();

        Optional<String> encryptionKey();
    }

    /** {@code sluice.api.keys.<name>.*}. */
    interface Key {
        Optional<String> sha256();

        Optional<String> roles();
    }

    /** {@code sluice.webhooks.*}. */
    interface Webhooks {
        Optional<String> sources();

        Optional<String> secretOverlap();

        Optional<String> concurrency();

        Optional<String> disableAfter();
    }

    /** {@code sluice.address-guard.*}. */
    interface AddressGuard {
        Optional<String> allow();
    }

    /** {@code sluice.events.*}. */
    interface Events {
        Optional<String> catalogue();
    }

    /** {@code sluice.publish.*}. */
    interface Publish {
        Optional<String> ordering();

        OrderingKey orderingKey();

        Stale stale();

        Durability durability();

        Dedup dedup();

        Optional<String> history();

        Optional<String> retention();
    }

    /** {@code sluice.history.*}. */
    interface History {
        Optional<String> maxEvents();
    }

    /** {@code sluice.retention.*}. */
    interface Retention {
        Optional<String> maxBytes();
    }
}
