package dev.sluice.redis;

import dev.sluice.redis.Servers.Confirmation;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs calls of one script, and answers them when what they wrote is safe. Waiting for that stops a connection, and counts only
 * what came over that connection: so this has one of its own, and what comes while it waits goes together, with one wait for
 * all.
 *
 * <p>A group fails as a whole: of a call that failed nobody knows whether it ran, as ever.
 */
final class GroupCommit {
    private static final int MOST_AT_ONCE = 100;

    private final RedisLink link;
    private final Servers servers;
    private final Map<Group, Waiting> waiting = new HashMap<>();

    /** What can go together. */
    private record Group(String node, Durability durability) {}

    /** One call, and whom to tell. */
    private record Asked(Call call, UniEmitter<? super Response> asker) {}

    /** What waits for the group before it. */
    private static final class Waiting {
        private final Deque<Asked> calls = new ArrayDeque<>();
        private boolean isUnderWay;
    }

    GroupCommit(RedisLink link, Servers servers) {
        this.link = link;
        this.servers = servers;
    }

    /**
     * Runs a call.
     *
     * @return fails with {@link StoreUnavailable}, or with what Redis answered
     */
    Uni<Response> run(Call call, Confirmation confirmation) {
        Group group = new Group(servers.nodeOf(call.firstKey()), call.durability());
        return Uni.createFrom().emitter(asker -> {
            synchronized (waiting) {
                waiting.computeIfAbsent(group, none -> new Waiting()).calls.add(new Asked(call, asker));
            }
            next(group, confirmation);
        });
    }

    /** The client gives a connection up over which nothing comes for a while. */
    void keepAlive() {
        link.send(Request.cmd(Command.PING)).subscribe().with(pong -> {}, failure -> {});
    }

    private void next(Group group, Confirmation confirmation) {
        List<Asked> together = new ArrayList<>();
        synchronized (waiting) {
            Waiting ofGroup = waiting.get(group);
            if (ofGroup == null || ofGroup.isUnderWay) {
                return;
            }
            while (!ofGroup.calls.isEmpty() && together.size() < MOST_AT_ONCE) {
                together.add(ofGroup.calls.remove());
            }
            if (together.isEmpty()) {
                waiting.remove(group);
                return;
            }
            ofGroup.isUnderWay = true;
        }
        send(together, false, confirmation)
                .onFailure(failure -> RedisLink.tells(failure, "NOSCRIPT"))
                // One that ran all the same is recognised as a repetition of itself.
                .recoverWithUni(() -> send(together, true, confirmation))
                .invoke(answers -> {
                    if (!confirmation.isGivenBy(answers.get(together.size()))) {
                        throw new StoreUnavailable(confirmation.otherwise());
                    }
                })
                .onTermination()
                .invoke(() -> ended(group, confirmation))
                .subscribe()
                .with(
                        answers -> {
                            for (int i = 0; i < together.size(); i++) {
                                together.get(i).asker().complete(answers.get(i));
                            }
                        },
                        failure -> together.forEach(asked -> asked.asker().fail(failure)));
    }

    private void ended(Group group, Confirmation confirmation) {
        synchronized (waiting) {
            Waiting ofGroup = waiting.get(group);
            if (ofGroup != null) {
                ofGroup.isUnderWay = false;
            }
        }
        next(group, confirmation);
    }

    private Uni<List<Response>> send(List<Asked> together, boolean withText, Confirmation confirmation) {
        List<Request> requests = new ArrayList<>();
        Set<Script> given = new HashSet<>();
        for (Asked asked : together) {
            boolean text = withText && given.add(asked.call().script());
            requests.add(text ? asked.call().byText() : asked.call().bySha1());
        }
        requests.add(confirmation.request());
        return link.batch(requests);
    }
}
