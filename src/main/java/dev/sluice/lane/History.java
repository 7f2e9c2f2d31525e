package dev.sluice.lane;

import dev.sluice.event.Event;
import dev.sluice.lane.Acceptance.Freshness;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tells what became of an event, target by target, where its source's history is kept. */
@ApplicationScoped
public class History {
    private static final String LINE = "\n";
    private static final String PART = "\t";
    private static final int BEGINNING = 2;

    /** It was set aside as it came, with no attempt. */
    private static final String FULL = "full";

    /** It was set aside by an operator, with no attempt. */
    private static final String SKIPPED = "skipped";

    private static final String SUPERSEDED = "superseded";

    /** It was put back into its lane, out of those that were set aside. */
    private static final String REDRIVEN = "redriven";

    /** It was put into its lane once more, though the target has taken it. */
    private static final String REPLAYED = "replayed";

    /** It was given up after it had been set aside. */
    private static final String DROPPED = "dropped";

    private static final Set<String> WITHOUT_ATTEMPT = Set.of(FULL, SKIPPED, SUPERSEDED, REDRIVEN, REPLAYED, DROPPED);

    private static final int FIGURES = 3;

    private final Script history = Script.named("history");
    private final Script standing = Script.named("standing");
    private final Scripts scripts;
    private final LaneSettings settings;

    /**
     * An event's story.
     *
     * @param acceptedAt in ms of Redis' clock
     * @param source the source it came from
     * @param type its type
     * @param orderingKey what it is in order by, with its kind
     * @param freshness whether it came too late
     * @param targets in the order in which they were found to want it
     */
    public record Story(
            String id,
            long sequence,
            long acceptedAt,
            String source,
            String type,
            String orderingKey,
            Freshness freshness,
            List<AtTarget> targets) {}

    /**
     * The part of one target in it.
     *
     * @param steps what became of it without an attempt
     */
    public record AtTarget(String target, Standing standing, List<Attempt> attempts, List<Step> steps) {}

    /**
     * What became of an event without an attempt, at a time in ms of Redis' clock.
     *
     * @param what {@code full}: it was set aside as it came; {@code skipped}: it was set aside by an operator; {@code redriven}, {@code
     *     replayed}; {@code superseded}; {@code dropped}
     */
    public record Step(long at, String what) {}

    /** One attempt, settled at a time in ms of Redis' clock. */
    public record Attempt(long settledAt, Told told) {}

    /** Where an event stands with one target. */
    public sealed interface Standing {
        /** The target has it. */
        record Delivered() implements Standing {}

        /** It was set aside. */
        record Dead() implements Standing {}

        /** It waits behind so many others. */
        record Queued(long ahead) implements Standing {}

        /** It is being delivered, or about to be. */
        record Leased() implements Standing {}

        /** It is tried in a while; zero means as soon as there is room. */
        record Waiting(Duration remaining) implements Standing {}

        /** Its lane waits for an operator. */
        record Parked() implements Standing {}

        /** A newer one has taken its place. */
        record Superseded() implements Standing {}

        /** It was given up, by an operator or with everything that waited for the target. */
        record Dropped() implements Standing {}
    }

    History(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** With what the history of an event begins. */
    static String beginning(Event event, List<String> lanes) {
        // Of very many it tells only those to which attempts were made.
        List<String> named = lanes.size() <= Accept.LANES_A_STEP ? lanes : List.of();
        return String.join(
                PART, event.source(), event.type(), event.orderingKey().text(), String.join(PART, named));
    }

    /** Tells one; empty when there is no such event, or its history is not kept, or no more. */
    public Uni<Optional<Story>> tell(String id) {
        return EventId.partition(id, settings.partitions())
                .map(where -> scripts.run(new Call(history).key(where.key("h")).arg(id))
                        .chain(answer -> answer == null
                                ? Uni.createFrom().item(Optional.<Story>empty())
                                : tell(id, where, answer.toString().split(LINE, -1))))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    private Uni<Optional<Story>> tell(String id, Partition where, String[] lines) {
        String[] beginning = lines[1].split(PART, -1);
        Map<String, List<Attempt>> attempts = new LinkedHashMap<>();
        Map<String, Standing> standings = new LinkedHashMap<>();
        Map<String, List<Step>> steps = new LinkedHashMap<>();
        boolean namesItsLanes = beginning.length > 3 && !beginning[3].isEmpty();
        for (int i = 3; i < beginning.length && !beginning[i].isEmpty(); i++) {
            attempts.put(beginning[i], new ArrayList<>());
        }
        Freshness freshness = Freshness.FRESH;
        for (int i = BEGINNING; i < lines.length; i++) {
            String[] parts = lines[i].split(PART, 4);
            if (parts[0].isEmpty()) {
                freshness = parts[2].equals(DROPPED) ? Freshness.DROPPED : Freshness.STALE;
                continue;
            }
            List<Attempt> made = attempts.computeIfAbsent(parts[0], lane -> new ArrayList<>());
            if (WITHOUT_ATTEMPT.contains(parts[2])) {
                steps.computeIfAbsent(parts[0], lane -> new ArrayList<>())
                        .add(new Step(Long.parseLong(parts[1]), parts[2]));
            } else {
                made.add(new Attempt(Long.parseLong(parts[1]), Told.read(parts[3])));
            }
            switch (parts[2]) {
                case "delivered" -> standings.put(parts[0], new Standing.Delivered());
                case "dead", FULL, SKIPPED -> standings.put(parts[0], new Standing.Dead());
                case DROPPED -> standings.put(parts[0], new Standing.Dropped());
                case REDRIVEN, REPLAYED -> standings.remove(parts[0]);
                case SUPERSEDED -> standings.put(parts[0], new Standing.Superseded());
                default -> {}
            }
        }
        List<String> open = attempts.keySet().stream()
                .filter(lane -> !standings.containsKey(lane))
                .toList();
        Freshness told = freshness;
        return standings(id, where, open).map(now -> {
            standings.putAll(now);
            List<AtTarget> targets = attempts.entrySet().stream()
                    .map(entry -> new AtTarget(
                            LaneId.target(entry.getKey()),
                            standings.getOrDefault(entry.getKey(), new Standing.Dropped()),
                            entry.getValue(),
                            steps.getOrDefault(entry.getKey(), List.of())))
                    // Of very many lanes the end is not always noted: one that is gone may have been delivered.
                    .filter(each -> namesItsLanes || !(each.standing() instanceof Standing.Dropped))
                    .toList();
            return Optional.of(new Story(
                    id,
                    EventId.sequence(id),
                    Long.parseLong(lines[0]),
                    beginning[0],
                    beginning[1],
                    beginning[2],
                    told,
                    targets));
        });
    }

    private Uni<Map<String, Standing>> standings(String id, Partition where, List<String> lanes) {
        if (lanes.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        Call call = new Call(standing).key(where.key("l")).arg(id);
        for (String lane : lanes) {
            call.key(where.key("q", lane))
                    .key(where.key("w", LaneId.target(lane)))
                    .arg(lane);
        }
        return scripts.run(call).map(answer -> {
            Map<String, Standing> standings = new LinkedHashMap<>();
            for (int i = 0; i < lanes.size(); i++) {
                standings.put(lanes.get(i), standing(answer, i * FIGURES));
            }
            return standings;
        });
    }

    private static Standing standing(Response answer, int from) {
        long ahead = answer.get(from).toLong();
        boolean leased = answer.get(from + 1).toInteger() == 1;
        String claimable = answer.get(from + 2).toString();
        if (ahead < 0) {
            return new Standing.Dropped();
        }
        if (ahead > 0) {
            return new Standing.Queued(ahead);
        }
        if (leased) {
            return new Standing.Leased();
        }
        return claimable.equals("-")
                ? new Standing.Parked()
                : new Standing.Waiting(Duration.ofMillis(Long.parseLong(claimable)));
    }
}
