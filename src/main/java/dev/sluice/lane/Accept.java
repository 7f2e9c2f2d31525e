package dev.sluice.lane;

import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.redis.Bound;
import dev.sluice.redis.Call;
import dev.sluice.redis.Moment;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts an event into the lane of every target that wants it: recognised if it is a repetition, numbered, appended and, where
 * the lane was idle and this gateway has room, leased, in one atomic step.
 */
@ApplicationScoped
public class Accept {
    private static final String LEASED_TO_NOBODY = "0";
    private static final String BEHIND_OTHERS = "-";
    private static final int FIRST_LANE = 3;

    /** Fewer than may wait for Redis in all: senders are turned away before deliveries cannot be settled any more. */
    private static final int MOST_WAITING = 2_000;

    private final Script script = Script.named("accept");
    private final Scripts scripts;
    private final Layout layout;
    private final LaneSettings settings;
    private final Bound places = new Bound(MOST_WAITING);

    Accept(Scripts scripts, Layout layout, LaneSettings settings) {
        this.scripts = scripts;
        this.layout = layout;
        this.settings = settings;
    }

    /** Offers an event to the store.
     *
     * @param window for how long a repetition is recognised
     * @param recipients the targets that want the event; with none it is numbered, remembered and dropped
     */
    public Uni<Acceptance> accept(Event event, Duration window, List<Recipient> recipients) {
        return run(event, window, recipients, "");
    }

    /**
     * Keeps a message that is no readable event as a dead letter of its source.
     *
     * @param reason what is wrong with it
     */
    public Uni<Acceptance> bury(Event event, Duration window, String reason) {
        return run(event, window, List.of(), reason);
    }

    /** The partition where an event's lanes are. */
    public int partition(Event event) {
        return Partition.of(event, settings.partitions()).number();
    }

    private Uni<Acceptance> run(Event event, Duration window, List<Recipient> recipients, String grave) {
        Partition partition = Partition.of(event, settings.partitions());
        OrderingKey order = event.orderingKey();
        String source = event.source();
        List<String> lanes = recipients.stream()
                .map(recipient -> LaneId.of(
                        recipient.target(), source, recipient.ordered() ? order : OrderingKey.alone(event.dedupId())))
                .toList();
        Call call = new Call(script)
                .key(partition.key("m"))
                .key(partition.key("t"))
                .key(partition.key("e"))
                .key(partition.key("l"))
                .key(partition.key("due"))
                .key(partition.key("n"))
                .key(partition.key("d0", source))
                .key(partition.key("d1", source))
                .key(partition.key("s0", source))
                .key(partition.key("s1", source))
                .key(partition.key("x", "@" + source))
                .key(partition.key("why"))
                .key(partition.key("h"))
                .key(partition.key("he"))
                .arg(source)
                .arg(event.dedupId().bytes())
                .arg(EventId.stem(partition, event))
                .arg(StoredEvent.write(event))
                .arg(window.toMillis())
                .arg(order.isAlone() ? "" : order.text())
                .arg(settings.lease().toMillis())
                .arg(grave)
                .arg(settings.historyMillis(source))
                .arg(settings.historiesAPartition())
                .arg(History.beginning(event, lanes));
        for (int i = 0; i < recipients.size(); i++) {
            Recipient recipient = recipients.get(i);
            String lane = lanes.get(i);
            call.key(partition.key("q", lane))
                    .key(partition.key("w", recipient.target()))
                    .key(partition.key("a", recipient.target()))
                    .arg(recipient.target())
                    .arg(lane)
                    .arg(recipient.room() ? 1 : 0)
                    .arg(recipient.held().toMillis());
        }
        Moment before = Moment.now();
        return layout.agreed()
                .chain(() -> {
                    places.enter();
                    return scripts.run(call).onTermination().invoke(places::leave);
                })
                .map(answer -> acceptance(answer, event, partition, recipients, lanes, before));
    }

    private Acceptance acceptance(
            Response answer,
            Event event,
            Partition partition,
            List<Recipient> recipients,
            List<String> lanes,
            Moment before) {
        long sequence = answer.get(1).toLong();
        String id = EventId.of(partition, event, sequence);
        if (answer.get(0).toString().equals("duplicate")) {
            return new Acceptance.Duplicate(id, sequence);
        }
        QueuedEvent queued =
                new QueuedEvent(id, sequence, answer.get(2).toLong(), event.source(), event.type(), event.content());
        List<Leased> leased = new ArrayList<>();
        List<String> ready = new ArrayList<>();
        for (int i = 0; i < recipients.size(); i++) {
            String target = recipients.get(i).target();
            String token = answer.get(FIRST_LANE + i).toString();
            if (token.equals(LEASED_TO_NOBODY)) {
                ready.add(target);
            } else if (!token.equals(BEHIND_OTHERS)) {
                Lease lease = new Lease(target, lanes.get(i), partition.number(), token, settings.lease(), before);
                leased.add(new Leased(lease, queued, 0));
            }
        }
        return new Acceptance.Accepted(id, sequence, partition.number(), leased, ready);
    }
}
