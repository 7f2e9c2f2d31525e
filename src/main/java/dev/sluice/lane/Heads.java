package dev.sluice.lane;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Reads what stands first in a leased lane. */
@ApplicationScoped
public class Heads {
    private final Script script = Script.named("head");
    private final Scripts scripts;

    Heads(Scripts scripts) {
        this.scripts = scripts;
    }

    /** Reads the head of a leased lane.
     *
     * @return empty when the lease is no longer this gateway's
     */
    public Uni<Optional<Leased>> read(Lease lease) {
        Partition where = new Partition(lease.partition());
        Call call = new Call(script)
                .key(where.key("q", lease.lane()))
                .key(where.key("l"))
                .key(where.key("e"))
                .arg(lease.lane())
                .arg(lease.token());
        return scripts.run(call).map(answer -> {
            if (answer.get(0).toString().equals("stale")) {
                return Optional.empty();
            }
            QueuedEvent head =
                    StoredEvent.read(answer.get(1).toString(), answer.get(2).toBuffer());
            return Optional.of(new Leased(lease, head, answer.get(3).toInteger()));
        });
    }
}
