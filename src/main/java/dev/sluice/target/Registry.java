package dev.sluice.target;

import dev.sluice.fleet.Heartbeat;
import dev.sluice.fleet.Heartbeat.Beat;
import dev.sluice.reactive.SharedResult;
import dev.sluice.redis.Moment;
import dev.sluice.redis.StoreUnavailable;
import dev.sluice.target.WebhookStore.Change;
import io.quarkus.runtime.Quarkus;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The registered webhooks that this gateway has heard of, kept up with Redis: each heartbeat tells whether something changed,
 * and only what changed is read. All of them are {@link Targets} like those from configuration.
 *
 * <p>What it knows holds for as long as the other gateways wait for it: one that unsubscribes a webhook waits until every
 * gateway that is there has heard of it, and one that was not heard of for so long counts as gone. A gateway must by then take
 * what it knows for out of date ({@link #isCurrent}), and send nothing to a webhook before it has heard again.
 */
@ApplicationScoped
public class Registry {
    private static final Logger LOG = Logger.getLogger(Registry.class);
    private static final long NOTHING = 0;

    /** One may join a reading that began too early. */
    private static final int TRIES = 3;

    private static final Duration PATIENCE_WITH_ALL = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(1_500);

    private final WebhookStore store;
    private final WebhookTargets webhookTargets;
    private final WebhookSettings settings;
    private final Targets targets;
    private final Heartbeat heartbeat;
    private final ConcurrentNavigableMap<String, Registered> byId = new ConcurrentSkipListMap<>();
    private final AtomicReference<@Nullable Uni<Void>> reading = new AtomicReference<>();
    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final List<Consumer<Target>> listeners = new CopyOnWriteArrayList<>();
    private volatile Knowledge knowledge = new Knowledge(Moment.now(), Duration.ZERO);
    private volatile long heard;
    private volatile long heardByAll;
    private volatile Duration period = Duration.ZERO;

    /** A webhook that this gateway has heard of, and the version by which a change tells what it replaces. */
    public record Registered(String id, long version, Webhook webhook) {}

    /** What is known was asked for at a moment, and the others count on it for so long. */
    private record Knowledge(Moment asked, Duration validFor) {
        boolean holds() {
            return asked.until(Moment.now()).compareTo(validFor) < 0;
        }
    }

    private record Waiter(BooleanSupplier condition, UniEmitter<? super Void> emitter) {}

    Registry(
            WebhookStore store,
            WebhookTargets webhookTargets,
            WebhookSettings settings,
            Targets targets,
            Heartbeat heartbeat) {
        this.store = store;
        this.webhookTargets = webhookTargets;
        this.settings = settings;
        this.targets = targets;
        this.heartbeat = heartbeat;
    }

    /** Hears of what changes from now on; to be called before the heart begins to beat. */
    public void follow() {
        heartbeat.listen(this::beat);
    }

    /** Tells somebody of each webhook that was disabled and is sent to again. */
    public void listen(Consumer<Target> listener) {
        listeners.add(listener);
    }

    /** Whether no webhook can have been removed without this gateway having heard of it. */
    public boolean isCurrent() {
        return knowledge.holds();
    }

    /** Waits until {@link #isCurrent}; fails with {@link StoreUnavailable} when that takes too long. */
    public Uni<Void> current() {
        return isCurrent()
                ? Uni.createFrom().voidItem()
                : await(this::isCurrent)
                        .ifNoItem()
                        .after(PATIENCE)
                        .failWith(() -> new StoreUnavailable("the registered webhooks are not known yet"));
    }

    /** The webhook of that id, as far as this gateway has heard. */
    public Optional<Registered> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Some webhooks in the order of their ids, those after {@code id}. */
    public List<Registered> after(String id, int most) {
        return byId.tailMap(id, false).values().stream().limit(most).toList();
    }

    /**
     * Waits until this gateway has heard of what was written under that version; fails with {@link StoreUnavailable} when Redis
     * has lost it.
     */
    public Uni<Void> heard(long version) {
        return heard(version, TRIES);
    }

    private Uni<Void> heard(long version, int tries) {
        if (heard >= version) {
            return Uni.createFrom().voidItem();
        }
        return tries == 0
                ? Uni.createFrom().failure(new StoreUnavailable("what was written is not there"))
                : refresh().chain(() -> heard(version, tries - 1));
    }

    /** Hears of what changed up to now. */
    public Uni<Void> refresh() {
        return read(heard);
    }

    /** Hears of everything anew: Redis may have lost what this gateway has heard. */
    Uni<Void> refreshAll() {
        return read(NOTHING);
    }

    /** There is no such webhook any more. */
    void forget(String id) {
        targets.remove(id);
        byId.remove(id);
    }

    /**
     * Waits until every gateway that is there has heard of what was written under that version; fails with {@link
     * StoreUnavailable} when that takes too long.
     */
    public Uni<Void> heardByAll(long version) {
        return await(() -> heardByAll >= version)
                .ifNoItem()
                .after(PATIENCE_WITH_ALL)
                .failWith(() -> new StoreUnavailable("not every gateway has heard of it yet"));
    }

    /**
     * Waits until every gateway will have heard of what was written under that version within {@link #SOON}: with many of them
     * each asks less often, and then until each has heard. What was written holds all the same when that takes too long.
     */
    Uni<Void> heardSoon(long version) {
        return period.compareTo(SOON) <= 0
                ? Uni.createFrom().voidItem()
                : heardByAll(version).onFailure(StoreUnavailable.class).recoverWithNull();
    }

    private Uni<Void> await(BooleanSupplier condition) {
        return Uni.createFrom().emitter(emitter -> {
            Waiter waiter = new Waiter(condition, emitter);
            emitter.onTermination(() -> waiters.remove(waiter));
            waiters.add(waiter);
            heartbeat.soon();
        });
    }

    private void beat(Beat beat) {
        heardByAll = beat.presence().heard();
        period = beat.period();
        long version = beat.presence().version();
        // It was told of more than there is, or of all, and knows others.
        boolean lost = beat.told() > version
                || (heard == version && byId.size() != beat.presence().webhooks());
        if (!lost && heard >= version) {
            knowledge = new Knowledge(beat.asked(), beat.validFor());
        } else {
            read(lost ? NOTHING : heard)
                    .subscribe()
                    .with(
                            done -> {
                                // Everything that there was when Redis was asked, however much was written since.
                                if (heard >= version) {
                                    knowledge = new Knowledge(beat.asked(), beat.validFor());
                                }
                            },
                            failure -> LOG.warnf("cannot read the webhooks: %s", failure.getMessage()));
        }
        List<Waiter> done = waiters.stream()
                .filter(waiter -> waiter.condition().getAsBoolean())
                .toList();
        done.forEach(waiter -> {
            waiters.remove(waiter);
            waiter.emitter().complete(null);
        });
        if (!waiters.isEmpty()) {
            heartbeat.soon();
        }
    }

    /** Reads what changed; whoever asks meanwhile waits for the same answer, which may be from before what he asks for. */
    private Uni<Void> read(long since) {
        Uni<Void> mine = SharedResult.of(Uni.createFrom()
                .deferred(() -> readOn(since, since == NOTHING ? new HashSet<>() : null))
                .onTermination()
                .invoke(() -> reading.set(null)));
        Uni<Void> other = reading.compareAndExchange(null, mine);
        return other == null ? mine : other;
    }

    private Uni<Void> readOn(long since, @Nullable Set<String> everything) {
        return store.since(since).chain(changes -> {
            Set<String> all = changes.anew() && everything == null ? new HashSet<>() : everything;
            for (Change change : changes.list()) {
                apply(change);
                if (all != null) {
                    all.add(change.id());
                }
            }
            if (changes.isAll()) {
                if (all != null) {
                    byId.keySet().stream().filter(id -> !all.contains(id)).forEach(this::forget);
                }
                heard = changes.upTo();
                heartbeat.heard(heard);
                return Uni.createFrom().voidItem();
            }
            return readOn(changes.upTo(), all);
        });
    }

    private void apply(Change change) {
        change.webhook()
                .ifPresentOrElse(webhook -> put(change.id(), change.version(), webhook), () -> forget(change.id()));
    }

    private void put(String id, long version, Webhook webhook) {
        if (!settings.enabled()) {
            LOG.fatal("webhooks are registered, but this gateway has no sluice.api.encryption-key to sign for them");
            Quarkus.asyncExit(1);
            throw new StoreUnavailable("this gateway cannot sign for the registered webhooks");
        }
        Target target = webhookTargets.of(id, webhook);
        Target before = targets.named(id);
        targets.put(target);
        byId.put(id, new Registered(id, version, webhook));
        if (before != null && !before.enabled() && target.enabled()) {
            listeners.forEach(listener -> listener.accept(target));
        }
    }
}
