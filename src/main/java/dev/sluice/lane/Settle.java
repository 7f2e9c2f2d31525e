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
     * @param wantsNext whether this gateway would deliver the lane's next event at once
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
        Call call = where.ofLane(new Call(script), lease.target(), lease.lane())
                .key(where.key("latest", lease.lane()))
                .key(where.lettersOfWebhooks())
                .arg(lease.target())
                .arg(lease.lane())
                .arg(lease.token())
                .arg(event);
        if (settlement instanceof Settlement.Retry retry) {
            outcome(call, "failed", retry.delay().toMillis(), wantsNext, retry.reason());
        } else if (settlement instanceof Settlement.Dead dead) {
            outcome(call, "dead", 0, wantsNext, dead.reason());
        } else if (settlement instanceof Settlement.Park park) {
            outcome(call, "parked", 0, wantsNext, park.reason());
        } else if (settlement instanceof Settlement.Skip) {
            outcome(call, "skipped", 0, wantsNext, "");
        } else {
            outcome(call, "delivered", 0, wantsNext, "");
        }
        call.arg(history).arg(told).arg((settlement instanceof Settlement.Dead dead ? dead.out() : Relief.NONE).text());
        call.safe(settings.deciding(lease.source()));
        Moment before = Moment.now();
        return scripts.run(call).map(answer -> settled(answer, settlement, lease, before));
    }

    private void outcome(Call call, String outcome, long delay, boolean wantsNext, String reason) {
        call.arg(outcome)
                .arg(settings.lease().toMillis())
                .arg(delay)
                .arg(wantsNext && layout.noLeases().isZero() ? 1 : 0)
                .arg(reason);
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
