package dev.sluice.webhook;

import dev.sluice.delivery.Intake;
import dev.sluice.event.DedupId;
import dev.sluice.event.Event;
import dev.sluice.event.Findings;
import dev.sluice.event.Reading;
import dev.sluice.event.Reading.Understood;
import dev.sluice.lane.Acceptance;
import dev.sluice.redis.StoreUnavailable;
import dev.sluice.webhook.Publication.Sound;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Puts published events into the lanes of all that want them. */
@ApplicationScoped
class Publishing {
    private static final int LANES_AT_ONCE = 16;
    private static final String JSON = "application/json";

    private final PublishedSource source;
    private final Intake intake;

    /** What became of one event. */
    sealed interface Published {
        /** It was accepted, now or under the same Idempotency-Key before. */
        record Accepted(Event event, String id, long sequence, boolean before, Intake.Taken taken)
                implements Published {}

        /** It breaks a rule. */
        record Refused(List<Fault> faults) implements Published {}

        /** It could not be stored, or one before it in its order could not: to be published again. */
        record Unavailable() implements Published {}
    }

    private record Numbered(int place, Event event, Findings findings) {}

    Publishing(PublishedSource source, Intake intake) {
        this.source = source;
        this.intake = intake;
    }

    /** Accepts events, those of one ordering key in the order in which they stand.
     *
     * @param identity by which each event is recognised when it is published again, with its place added; null for none
     * @return for each event what became of it, in the same order
     */
    Uni<List<Published>> publish(
            List<Publication> publications, @Nullable String identity, @Nullable String traceparent) {
        Published[] results = new Published[publications.size()];
        Map<String, List<Numbered>> byOrder = new LinkedHashMap<>();
        for (int place = 0; place < results.length; place++) {
            if (publications.get(place) instanceof Sound sound) {
                Understood read = read(sound, traceparent);
                byOrder.computeIfAbsent(read.event().orderingKey().text(), order -> new ArrayList<>())
                        .add(new Numbered(
                                place,
                                identified(read.event(), identity == null ? null : identity + "#" + place),
                                read.findings()));
            } else if (publications.get(place) instanceof Publication.Faulty faulty) {
                results[place] = new Published.Refused(faulty.faults());
            }
        }
        return Multi.createFrom()
                .iterable(byOrder.values())
                .onItem()
                .transformToUni(line -> inOrder(line, results))
                .merge(LANES_AT_ONCE)
                .onItem()
                .ignoreAsUni()
                .map(done -> Arrays.asList(results));
    }

    /** One after the other; after one that could not be stored none of the line is, or it would be overtaken. */
    private Uni<Void> inOrder(List<Numbered> line, Published[] results) {
        return Multi.createFrom()
                .iterable(line)
                .onItem()
                .transformToUniAndConcatenate(each -> intake.take(each.event(), each.findings(), source.window())
                        .invoke(taken -> results[each.place()] = accepted(each.event(), taken)))
                .onItem()
                .ignoreAsUni()
                .onFailure(StoreUnavailable.class)
                .invoke(failure -> line.stream()
                        .filter(each -> results[each.place()] == null)
                        .forEach(each -> results[each.place()] = new Published.Unavailable()))
                .onFailure(StoreUnavailable.class)
                .recoverWithNull();
    }

    private static Published accepted(Event event, Intake.Taken taken) {
        Acceptance acceptance = taken.acceptance();
        return new Published.Accepted(
                event, acceptance.id(), acceptance.sequence(), acceptance instanceof Acceptance.Duplicate, taken);
    }

    private Understood read(Sound sound, @Nullable String traceparent) {
        Reading reading = source.reader()
                .read(
                        name -> header(name, traceparent),
                        sound.body(),
                        intake.lookedAt(PublishedSource.NAME),
                        sound.orderingKey());
        if (!(reading instanceof Understood understood)) {
            throw new IllegalStateException("what was composed can be read");
        }
        return understood;
    }

    private static Event identified(Event read, @Nullable String identity) {
        DedupId id = DedupId.ofSenderId(
                PublishedSource.NAME, identity == null ? UUID.randomUUID().toString() : identity);
        return read.with(id);
    }

    private static @Nullable String header(String name, @Nullable String traceparent) {
        if (name.equals("Content-Type")) {
            return JSON;
        }
        return name.equals("traceparent") ? traceparent : null;
    }
}
