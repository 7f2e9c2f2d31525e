package dev.sluice.lane;

import dev.sluice.event.Event;
import dev.sluice.event.OrderingKey;
import dev.sluice.event.Version;
import dev.sluice.lane.Acceptance.Freshness;
import dev.sluice.lane.Recipient.Joining;
import dev.sluice.redis.Bound;
import dev.sluice.redis.Call;
import dev.sluice.redis.Durability;
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
    private static final String SET_ASIDE = "!";
    private static final String SUPERSEDES = "~";
    private static final int FIRST_LANE = 3;

    /** Fewer than may wait for Redis in all: senders are turned away before deliveries cannot be settled any more. */
    private static final int MOST_WAITING = 2_000;

    /**
     * Into so many lanes an event is put in one step, which must not keep Redis from others for long. Only those of the first
     * step may be leased.
     */
    public static final int LANES_A_STEP = 100;

    /** Of so many messages of a source that are no readable events the newest are kept, and up to so many bytes of them. */
    private static final int UNREADABLE_KEPT = 100_000;

    private static final long UNREADABLE_BYTES_KEPT = 256L * 1024 * 1024;

    private final Script script = Script.named("accept");
    private final Scripts scripts;
    private final Spread spread;
    private final Layout layout;
    private final LaneSettings settings;
    private final Bound places = new Bound(MOST_WAITING);

    Accept(Scripts scripts, Spread spread, Layout layout, LaneSettings settings) {
        this.scripts = scripts;
        this.spread = spread;
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
        return layout.agreed().chain(() -> offer(event, window, recipients, grave));
    }

    private Uni<Acceptance> offer(Event event, Duration window, List<Recipient> recipients, String grave) {
        Partition partition = Partition.of(event, settings.partitions());
        List<String> lanes = lanes(event, recipients);
        int now = Math.min(lanes.size(), LANES_A_STEP);
        Moment before = Moment.now();
        Call call = call(event, window, recipients, grave, partition, lanes);
        places.enter();
        return scripts.run(call).onTermination().invoke(places::leave).chain(answer -> {
            if (answer.get(0).toString().equals("busy")) {
                // Somebody's spreading was cut short, or is under way: it is finished first, by whoever comes.
                return spread.finish(
                                partition,
                                spreadsWith(event, partition),
                                answer.get(1).toString())
                        .chain(() -> run(event, window, recipients, grave));
            }
            Acceptance acceptance = acceptance(answer, event, partition, recipients, lanes, now, before);
            return isUnfinished(answer, acceptance, lanes.size() - now)
                    ? spread.finish(partition, spreadsWith(event, partition), acceptance.id())
                            .replaceWith(acceptance)
                    : Uni.createFrom().item(acceptance);
        });
    }

    private static List<String> lanes(Event event, List<Recipient> recipients) {
        return recipients.stream()
                .map(recipient -> LaneId.of(
                        recipient.target(),
                        event.source(),
                        recipient.joining() == Joining.ALONE
                                ? OrderingKey.alone(event.dedupId())
                                : event.orderingKey()))
                .toList();
    }

    private Call call(
            Event event,
            Duration window,
            List<Recipient> recipients,
            String grave,
            Partition partition,
            List<String> lanes) {
        OrderingKey order = event.orderingKey();
        String source = event.source();
        Durability durability = settings.accepting(source);
        int now = Math.min(lanes.size(), LANES_A_STEP);
        Named named = new Named();
        history(named, event, recipients, partition, lanes);
        version(named, event);
        retention(named, source, partition);
        grave(named, source, grave, partition);
        if (!(durability instanceof Durability.Memory)) {
            named.arg("waits", 1);
        }
        if (lanes.size() > now) {
            named.key("rest", Spread.rest(partition, EventId.stem(partition, event)))
                    .arg("others", lanes.size() - now);
        }
        for (int i = 0; i < now; i++) {
            recipient(named, recipients.get(i), lanes.get(i), i + 1, partition);
        }
        if (!grave.isEmpty()
                || recipients.stream().anyMatch(recipient -> recipient.full().isPresent())) {
            named.key("why", partition.key("why")).key("every", partition.lettersOfWebhooks());
        }
        Call call = new Call(script)
                .safe(durability)
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
                .key(partition.key("f"))
                .arg(source)
                .arg(event.dedupId().bytes())
                .arg(EventId.stem(partition, event))
                .arg(StoredEvent.write(event))
                .arg(window.toMillis())
                .arg(order.isAlone() ? "" : order.text())
                .arg(settings.lease().toMillis())
                .arg(now);
        named.tellNames(call);
        for (int i = 0; i < now; i++) {
            Recipient recipient = recipients.get(i);
            String lane = lanes.get(i);
            call.key(partition.key("q", lane))
                    .key(partition.key("w", recipient.target()))
                    .key(partition.ages(recipient.target()))
                    .arg(recipient.target())
                    .arg(lane)
                    .arg(room(recipient));
        }
        named.add(call);
        for (int i = now; i < lanes.size(); i++) {
            call.arg(recipients.get(i).entry(lanes.get(i)));
        }
        return call;
    }

    private static void recipient(Named named, Recipient recipient, String lane, int number, Partition partition) {
        if (!recipient.held().isZero()) {
            named.arg("held" + number, recipient.held().toMillis());
        }
        recipient
                .full()
                .ifPresent(out -> named.key("x" + number, partition.key("x", recipient.target()))
                        .arg("out" + number, out.text()));
        if (recipient.joining() == Joining.LATEST) {
            named.key("latest" + number, partition.key("latest", lane));
        }
    }

    private void history(
            Named named, Event event, List<Recipient> recipients, Partition partition, List<String> lanes) {
        long kept = settings.historyMillis(event.source());
        boolean replaces = recipients.stream().anyMatch(recipient -> recipient.joining() == Joining.LATEST);
        if (kept > 0 || replaces) {
            named.key("history", partition.key("h"));
        }
        if (replaces) {
            named.arg("type", event.type());
        }
        if (kept > 0) {
            named.key("ends", partition.key("he"))
                    .key("times", partition.key("ht"))
                    .arg("kept", kept)
                    .arg("most", settings.historiesAPartition())
                    .arg("beginning", History.beginning(event, lanes));
        }
    }

    private void version(Named named, Event event) {
        Version version = event.version();
        if (version != null) {
            // Under what the newest version of its order and type is kept.
            named.arg("mark", "v:" + version.kind() + ":" + event.orderingKey().text() + "\n" + event.type())
                    .arg("version", version.digits());
            if (settings.droppingStale().contains(event.source())) {
                named.arg("drops", 1);
            }
        }
    }

    private void retention(Named named, String source, Partition partition) {
        long retention = settings.retentionMillis(source);
        if (retention > 0) {
            named.key("retained", partition.key("k"))
                    .arg("retention", retention)
                    .arg("bytes", settings.retainedBytesAPartition());
        }
    }

    private void grave(Named named, String source, String grave, Partition partition) {
        if (!grave.isEmpty()) {
            named.key("x", partition.key("x", "@" + source))
                    .arg("grave", grave)
                    // They are in order with nothing, and so spread evenly.
                    .arg("letters", Math.max(1, UNREADABLE_KEPT / settings.partitions()))
                    .arg("sizes", UNREADABLE_BYTES_KEPT / settings.partitions());
        }
    }

    private String room(Recipient recipient) {
        if (recipient.full().isPresent()) {
            return "full";
        }
        return recipient.room() && layout.noLeases().isZero() ? "1" : "0";
    }

    private static boolean isUnfinished(Response answer, Acceptance acceptance, int others) {
        return acceptance instanceof Acceptance.Accepted accepted
                ? others > 0 && accepted.freshness() != Freshness.DROPPED
                : answer.get(2).toInteger() == 1;
    }

    /** What it must not be overtaken by while it is spread; one that is alone overtakes nothing. */
    private static String spreadsWith(Event event, Partition partition) {
        return event.orderingKey().isAlone()
                ? EventId.stem(partition, event)
                : event.source() + ":" + event.orderingKey().text();
    }

    private Acceptance acceptance(
            Response answer,
            Event event,
            Partition partition,
            List<Recipient> recipients,
            List<String> lanes,
            int now,
            Moment before) {
        long sequence = answer.get(1).toLong();
        String id = EventId.of(partition, event, sequence);
        if (answer.get(0).toString().equals("duplicate")) {
            return new Acceptance.Duplicate(id, sequence);
        }
        Freshness freshness = switch (answer.get(0).toString()) {
            case "dropped" -> Freshness.DROPPED;
            case "stale" -> Freshness.STALE;
            default -> Freshness.FRESH;
        };
        List<Leased> leased = new ArrayList<>();
        List<String> ready = new ArrayList<>();
        List<String> setAside = new ArrayList<>();
        List<String> superseding = new ArrayList<>();
        if (freshness == Freshness.DROPPED) {
            return new Acceptance.Accepted(
                    id, sequence, partition.number(), freshness, leased, ready, setAside, superseding);
        }
        QueuedEvent queued = new QueuedEvent(
                id,
                sequence,
                answer.get(2).toLong(),
                freshness == Freshness.STALE,
                event.source(),
                event.type(),
                event.content());
        recipients.stream()
                .skip(now)
                .forEach(recipient -> (recipient.full().isPresent() ? setAside : ready).add(recipient.target()));
        for (int i = 0; i < now; i++) {
            String target = recipients.get(i).target();
            String became = answer.get(FIRST_LANE + i).toString();
            String token = became.startsWith(SUPERSEDES) ? became.substring(1) : became;
            if (!token.equals(became)) {
                superseding.add(target);
            }
            if (token.equals(LEASED_TO_NOBODY)) {
                ready.add(target);
            } else if (token.equals(SET_ASIDE)) {
                setAside.add(target);
            } else if (!token.equals(BEHIND_OTHERS)) {
                Lease lease = new Lease(target, lanes.get(i), partition.number(), token, settings.lease(), before);
                leased.add(new Leased(lease, queued, 0));
            }
        }
        return new Acceptance.Accepted(
                id, sequence, partition.number(), freshness, leased, ready, setAside, superseding);
    }
}
