package dev.sluice.target;

import dev.sluice.redis.StoreUnavailable;
import dev.sluice.target.Registry.Registered;
import dev.sluice.target.WebhookStore.Written;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * Changes the registered webhooks. When it answers, this gateway has heard of the change, and every other one has or will within a
 * second. All of it fails with {@link StoreUnavailable} when it is not known to be done.
 */
@ApplicationScoped
public class WebhookChanges {
    private static final Logger LOG = Logger.getLogger(WebhookChanges.class);

    /** That often others may be faster. */
    private static final int TRIES = 5;

    private final WebhookStore store;
    private final Registry registry;

    WebhookChanges(WebhookStore store, Registry registry) {
        this.store = store;
        this.registry = registry;
    }

    /** Registers a webhook; false when the id is or was another one's. */
    public Uni<Boolean> add(String id, Webhook webhook) {
        return store.add(id, webhook)
                .chain(written -> written instanceof Written.Done done
                        ? told(done).replaceWith(true)
                        : Uni.createFrom().item(false));
    }

    /** Changes a webhook to what {@code change} makes of it as it is now.
     *
     * @return what it is then; empty when there is none of that id
     */
    public Uni<Optional<Registered>> change(String id, UnaryOperator<Webhook> change) {
        return change(id, change, TRIES);
    }

    private Uni<Optional<Registered>> change(String id, UnaryOperator<Webhook> change, int tries) {
        Optional<Registered> before = registry.find(id);
        if (before.isEmpty()) {
            return Uni.createFrom().item(before);
        }
        Webhook after = change.apply(before.get().webhook());
        if (after.equals(before.get().webhook())) {
            // Nothing to write, unless it is something else by now. Twice: the first may join a reading that began
            // before.
            return registry.refresh()
                    .chain(() -> registry.refresh())
                    .chain(() -> registry.find(id).equals(before) || tries == 1
                            ? Uni.createFrom().item(registry.find(id))
                            : change(id, change, tries - 1));
        }
        return store.replace(id, before.get().version(), after)
                .chain(written -> written instanceof Written.Done done
                        ? told(done).map(nothing -> registry.find(id))
                        : again(id, written, tries).chain(() -> change(id, change, tries - 1)));
    }

    /**
     * Takes a webhook away. Done when every gateway that is there has heard of it, so that none begins to send to it any more.
     *
     * @return false when there is none of that id
     */
    public Uni<Boolean> remove(String id) {
        return remove(id, TRIES);
    }

    private Uni<Boolean> remove(String id, int tries) {
        Optional<Registered> before = registry.find(id);
        if (before.isEmpty()) {
            return wasRemoved(id);
        }
        return store.remove(id, before.get().version())
                .chain(written -> written instanceof Written.Done done
                        ? registry.heard(done.version()).chain(() -> goneForAll(done.version()))
                        : again(id, written, tries).chain(() -> remove(id, tries - 1)));
    }

    /** Asked for before, perhaps, and not every gateway has heard of it. */
    private Uni<Boolean> wasRemoved(String id) {
        return store.removedUnder(id)
                .chain(version -> version.map(this::goneForAll)
                        .orElseGet(() -> Uni.createFrom().item(false)));
    }

    private Uni<Boolean> goneForAll(long version) {
        return registry.heardByAll(version).replaceWith(true);
    }

    /** Has cleared away what waits in the lanes of a webhook that is none: an accept was so long on its way. */
    public void removeRest(String id) {
        if (registry.isCurrent()) {
            store.removeRest(id)
                    .subscribe()
                    .with(written -> {}, failure -> LOG.debugf("cannot clear away %s: %s", id, failure.getMessage()));
        }
    }

    private Uni<Void> told(Written.Done done) {
        return registry.heard(done.version()).chain(() -> registry.heardSoon(done.version()));
    }

    /** Somebody was faster: hears what it is now. */
    private Uni<Void> again(String id, Written written, int tries) {
        if (written instanceof Written.Absent) {
            registry.forget(id);
            return Uni.createFrom().voidItem();
        }
        if (tries == 1) {
            return Uni.createFrom().failure(new StoreUnavailable("others are changing it"));
        }
        // And everything, when what changed did not help: Redis may have lost what this gateway has heard.
        return tries == TRIES ? registry.refresh() : registry.refreshAll();
    }
}
