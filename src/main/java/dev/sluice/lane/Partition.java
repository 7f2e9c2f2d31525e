package dev.sluice.lane;

import dev.sluice.event.Event;
import dev.sluice.redis.Call;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * One of the fixed number of parts over which lanes are spread. All keys of a partition bear its number as their hash tag, so
 * that an event's dedup entry, its body and all its lanes are in one slot of a Redis Cluster and one script may touch them.
 */
record Partition(int number) {
    private static final String REGISTERED = "wh_";

    /** As what registered webhooks are counted, of which there may be any number. */
    static final String WEBHOOKS = "webhooks";

    /** Where an event's source and ordering key put it, whatever its targets are. */
    static Partition of(Event event, int partitions) {
        return of(event.source(), event.orderingKey().text(), partitions);
    }

    /** Where all events of a source and an ordering key, with its kind, are put. */
    static Partition of(String source, String orderingKey, int partitions) {
        CRC32C hash = new CRC32C();
        hash.update(source.getBytes(StandardCharsets.UTF_8));
        hash.update(0);
        hash.update(orderingKey.getBytes(StandardCharsets.UTF_8));
        return new Partition((int) (hash.getValue() % partitions));
    }

    String key(String name) {
        return "sluice:{" + number + "}:" + name;
    }

    String key(String name, String of) {
        return "sluice:{" + number + "}:" + name + ":" + of;
    }

    /** Names all that what becomes of a lane's head may touch: the first keys of each script that decides it, in their order. */
    Call ofLane(Call call, String target, String lane) {
        return call.key(key("q", lane))
                .key(key("w", target))
                .key(key("l"))
                .key(key("e"))
                .key(key("due"))
                .key(key("t"))
                .key(key("x", target))
                .key(ages(target))
                .key(key("n"))
                .key(key("why"))
                .key(key("h"))
                .key(key("he"));
    }

    /** Where what was set aside for registered webhooks stands together. */
    String lettersOfWebhooks() {
        return key("x", WEBHOOKS);
    }

    /** Where a target's heads stand by their age; those of registered webhooks stand together, as common.lua counts them. */
    String ages(String target) {
        return key("a", target.startsWith(REGISTERED) ? WEBHOOKS : target);
    }
}
