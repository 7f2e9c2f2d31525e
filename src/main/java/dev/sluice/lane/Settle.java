package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Moment;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/**
 * Records what came of an attempt. Safe to repeat when its answer was lost: a repetition changes nothing
 * more. It answers the same, or that the lease is over where the lane is not this gateway's any more.
 */
@ApplicationScoped
public class Settle {
    private final Script script = Script.named("settle");
    private final Scripts scripts;
    private final Layout layout;
    private final LaneSettings settings;

    /** What became of the lane. */
    public sealed interface Settled {
        /** The lease was no longer this gateway's, and nothing was changed. */
        record Stale() implements Settled {}

        /** Nothing is left in the lane. */
        record Empty(long now) implements Settled {}

        /** There is more in the lane, for whoever claims it. */
        record Ready(long now) implements Settled {}

        /** The lane waits until its head is tried again, from now. */
        record Waiting(Duration delay) implements Settled {}

        /** The lane waits for an operator. */
        record Parked() implements Settled {}

        /** There is more in the lane, and it is this gateway's to deliver. */
        record Next(long now, Leased leased) implements Settled {}
    }

    Settle(Scripts scripts, Layout layout, LaneSettings settings) {
        this.scripts = scripts;
        this.layout = layout;
        this.settings = settings;
    }

    /** Settles one attempt.
     *
     * @param told what the event's history is told of it, where one is kept
     * @param wantsNext whether this gateway would deliver the lane's next event at once; one that is large is left to be claimed
     */
    public Uni<Settled> settle(Leased leased, Settlement settlement, Told told, boolean wantsNext) {
        long history = settings.historyMillis(leased.head().source());
        return settle(
                leased.lease(), leased.head().id(), settlement, wantsNext, history, history == 0 ? "" : told.text());
    }

    /** Sets a lane's head aside that no longer has a body, so that the lane goes on. */
    public Uni<Settled> bury(Lease lease, String event, String reason) {
        return settle(lease, event, new Settlement.Dead(reason, Relief.NONE), false, 0, "");
    }

    /** Sets a lane's head aside of which no attempt was made, as its operator wishes. */
    public Uni<Settled> skip(Lease lease, String event) {
        return settle(lease, event, new Settlement.Skip(), false, settings.historyMillis(lease.source()), "");
    }

    private Uni<Settled> settle(
            Lease lease, String event, Settlement settlement, boolean wantsNext, long history, String told) {
        Partition where = new Partition(lease.partition());
        Named named = new Named();
        String outcome = outcome(named, settlement);
        if (!(settlement instanceof Settlement.Delivered)) {
            named.key("x", where.key("x", lease.target()))
                    .key("every", where.lettersOfWebhooks())
                    .key("why", where.key("why"));
        }
        if (history > 0) {
            named.key("history", where.key("h"))
                    .key("ends", where.key("he"))
                    .arg("kept", history)
                    .arg("told", told);
        }
        Call call = new Call(script)
                .key(where.key("q", lease.lane()))
                .key(where.key("w", lease.target()))
                .key(where.key("l"))
                .key(where.key("e"))
                .key(where.key("due"))
                .key(where.key("t"))
                .key(where.ages(lease.target()))
                .key(where.key("n"))
                .key(where.key("latest", lease.lane()))
                .arg(lease.target())
                .arg(lease.lane())
                .arg(lease.token())
                .arg(event)
                .arg(outcome)
                .arg(settings.lease().toMillis())
                .arg(wantsNext && layout.noLeases().isZero() ? 1 : 0);
        named.tellNames(call);
        named.add(call);
        call.safe(settings.deciding(lease.source()));
        Moment before = Moment.now();
        return scripts.run(call).map(answer -> settled(answer, settlement, lease, before));
    }

    private static String outcome(Named named, Settlement settlement) {
        if (settlement instanceof Settlement.Retry retry) {
            named.arg("delay", retry.delay().toMillis()).arg("reason", retry.reason());
            return "failed";
        }
        if (settlement instanceof Settlement.Dead dead) {
            named.arg("reason", dead.reason()).arg("out", dead.out().text());
            return "dead";
        }
        if (settlement instanceof Settlement.Park park) {
            named.arg("reason", park.reason());
            return "parked";
        }
        return settlement instanceof Settlement.Skip ? "skipped" : "delivered";
    }

    private static Settled settled(Response answer, Settlement settlement, Lease lease, Moment before) {
        String became = answer.get(0).toString();
        return switch (became) {
            case "stale" -> new Settled.Stale();
            case "empty" -> new Settled.Empty(answer.get(1).toLong());
            case "ready" -> new Settled.Ready(answer.get(1).toLong());
            case "waiting" ->
                new Settled.Waiting(settlement instanceof Settlement.Retry retry ? retry.delay() : Duration.ZERO);
            case "parked" -> new Settled.Parked();
            case "next" -> {
                lease.renewed(before);
                QueuedEvent head =
                        StoredEvent.read(answer.get(2).toString(), answer.get(3).toBuffer());
                yield new Settled.Next(answer.get(1).toLong(), new Leased(lease, head, 0));
            }
            default -> throw new IllegalStateException("settle.lua answered " + became);
        };
    }
}
