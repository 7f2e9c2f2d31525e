package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Finds events of which a history is kept, the one that was accepted first before all others. */
@ApplicationScoped
public class Events {
    private static final String ANY = "";
    private static final long MICROS = 1_000;

    /** Later than all that Redis' clock can tell, and a number that scripts can reckon with. */
    private static final long LATEST = 1L << 53;

    private static final int FIRST = 2;
    private static final int FIGURES = 5;

    /** Where nothing is found so often, an empty page is shown, and the next one goes on. */
    private static final int MOST_LOOKS = 20;

    private final Script events = Script.named("events");
    private final Scripts scripts;
    private final LaneSettings settings;

    /**
     * What is looked for.
     *
     * @param source empty for any
     * @param type empty for any
     * @param orderingKey with its kind; empty for any
     * @param since when it was accepted at the earliest, in ms of Redis' clock
     * @param until when at the latest
     */
    public record Wanted(
            Optional<String> source, Optional<String> type, Optional<String> orderingKey, long since, long until) {
        Position beginning() {
            return Position.since(micros(since));
        }
    }

    /**
     * An event that was found.
     *
     * @param acceptedAt in ms of Redis' clock
     * @param orderingKey with its kind
     */
    public record FoundEvent(
            String id, long sequence, long acceptedAt, String source, String type, String orderingKey) {
        private static FoundEvent read(Response answer, int at) {
            String id = answer.get(at + 2).toString();
            String[] beginning = answer.get(at + 3).toString().split("\t", -1);
            return new FoundEvent(
                    id,
                    EventId.sequence(id),
                    Long.parseLong(answer.get(at + 1).toString()),
                    beginning[0],
                    beginning[1],
                    beginning[2]);
        }
    }

    /**
     * An event that a target has taken.
     *
     * @param lane the one that it came to it in
     * @param position where it stands among all, in the order of their acceptance: its time in microseconds
     */
    record Taken(FoundEvent event, String lane, Position position) {}

    Events(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Finds some.
     *
     * @param behind where the page before said that this one begins
     * @param most how many at most
     */
    public Uni<Page<FoundEvent>> find(Wanted wanted, Optional<Position> behind, int most) {
        return find(wanted, behind.orElse(wanted.beginning()), most, MOST_LOOKS);
    }

    private Uni<Page<FoundEvent>> find(Wanted wanted, Position behind, int most, int looks) {
        List<Supplier<Uni<Found<Taken>>>> all = new ArrayList<>();
        partitions(wanted).forEach(partition -> all.add(() -> look(wanted, partition, behind, most, ANY)));
        return Found.gather(all, Taken::position, most)
                .map(found ->
                        new Page<>(found.items().stream().map(Taken::event).toList(), found.until()))
                .chain(page -> page.items().isEmpty() && page.next().isPresent() && looks > 1
                        ? find(wanted, page.next().get(), most, looks - 1)
                        : Uni.createFrom().item(page));
    }

    /** Finds some of one partition that a target has taken. */
    Uni<Found<Taken>> taken(String target, Wanted wanted, int partition, Position behind, int most) {
        return look(wanted, partition, behind, most, target);
    }

    private Uni<Found<Taken>> look(Wanted wanted, int partition, Position behind, int most, String target) {
        Partition where = new Partition(partition);
        return scripts.run(new Call(events)
                        .key(where.key("ht"))
                        .key(where.key("h"))
                        .arg(behind.from(partition))
                        .arg(behind.after(partition))
                        .arg(micros(wanted.until()) + MICROS - 1)
                        .arg(most)
                        .arg(wanted.source().orElse(ANY))
                        .arg(wanted.type().orElse(ANY))
                        .arg(wanted.orderingKey().orElse(ANY))
                        .arg(target))
                .map(answer -> read(answer, partition));
    }

    /** Where it is known by what an event is ordered there is one place to look. */
    private IntStream partitions(Wanted wanted) {
        return wanted.source().isPresent() && wanted.orderingKey().isPresent()
                ? IntStream.of(
                        Partition.of(wanted.source().get(), wanted.orderingKey().get(), settings.partitions())
                                .number())
                : IntStream.range(0, settings.partitions());
    }

    private static long micros(long millis) {
        return Math.max(0, Math.min(millis, LATEST / MICROS)) * MICROS;
    }

    private static Found<Taken> read(Response answer, int partition) {
        List<Taken> taken = new ArrayList<>();
        for (int at = FIRST; at < answer.size(); at += FIGURES) {
            FoundEvent event = FoundEvent.read(answer, at);
            taken.add(new Taken(
                    event,
                    answer.get(at + FIGURES - 1).toString(),
                    new Position(Long.parseLong(answer.get(at).toString()), partition, event.id())));
        }
        String until = answer.get(0).toString();
        return new Found<>(
                taken,
                until.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Position(
                                Long.parseLong(until), partition, answer.get(1).toString())));
    }
}
