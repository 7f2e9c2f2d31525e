package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Does what operators want with one lane. While somebody delivers its head a wish is noted in the lane, and done when that attempt
 * ends, or its lease does because the gateway is dead. Safe to repeat.
 */
@ApplicationScoped
public class Operate {
    private final Script script = Script.named("operate");
    private final Scripts scripts;
    private final LaneSettings settings;

    /** What became of a wish. */
    public sealed interface Operated {
        /** It is done, or was before. */
        record Done() implements Operated {}

        /** It will be done when the attempt that is under way has ended. */
        record Later() implements Operated {}

        /** There is no such lane, or no more: nothing is left in it. */
        record Gone() implements Operated {}

        /** Nothing is tried in a parked lane. */
        record IsParked() implements Operated {}

        /** It is another event that stands first. */
        record OtherHead(String event) implements Operated {}
    }

    Operate(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Has the head tried again as soon as there is room, and not when its delay is over; its attempts stay counted. */
    public Uni<Operated> retry(LaneRef lane) {
        return operate(lane, "retry", "");
    }

    /** Has nothing of a lane sent until it is resumed. */
    public Uni<Operated> park(LaneRef lane) {
        return operate(lane, "park", "");
    }

    /** Lets a parked lane go on, with its head. */
    public Uni<Operated> resume(LaneRef lane) {
        return operate(lane, "resume", "");
    }

    /** Sets a lane's head aside as a dead letter, if it is this event; the lane goes on, or stays parked. */
    public Uni<Operated> skip(LaneRef lane, String event) {
        return operate(lane, "skip", event);
    }

    private Uni<Operated> operate(LaneRef ref, String what, String event) {
        Partition where = new Partition(ref.partition());
        String target = ref.target();
        Call call = where.ofLane(new Call(script), target, ref.lane())
                .safe(settings.deciding(ref.source()))
                .key(where.key("latest", ref.lane()))
                .key(where.lettersOfWebhooks())
                .arg(target)
                .arg(ref.lane())
                .arg(what)
                .arg(event)
                .arg(settings.historyMillis(ref.source()));
        return scripts.run(call).map(Operate::operated);
    }

    private static Operated operated(Response answer) {
        String became = answer.get(0).toString();
        return switch (became) {
            case "done" -> new Operated.Done();
            case "later" -> new Operated.Later();
            case "gone" -> new Operated.Gone();
            case "parked" -> new Operated.IsParked();
            case "other" -> new Operated.OtherHead(answer.get(1).toString());
            default -> throw new IllegalStateException("operate.lua answered " + became);
        };
    }
}
