package dev.sluice.redis;

import dev.sluice.redis.Servers.Confirmation;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs calls of one script, and answers them when what they wrote is safe. Waiting for that stops a connection, and counts only
 * what came over that connection: so this has one of its own, and what comes while it waits goes together, with one wait for
 * all. What has waited for so long that whoever asks has given up is not sent any more.
 *
 * <p>Of a group one of whose calls was refused nobody knows which ran: each is made once more, by itself. One that had run is recognised
 * as a repetition of itself.
 */
final class GroupCommit {
    private static final int MOST_AT_ONCE = 1_000;
    private static final int MOST_BYTES_AT_ONCE = 8 << 20;

    private final RedisLink link;
    private final Servers servers;
    private final Duration patience;
    private final Map<String, Waiting> waiting = new HashMap<>();

    /** One call, whom to tell, and since when. */
    private record Asked(Call call, UniEmitter<? super Response> asker, long sinceNanos) {}

    /** What waits for the group before it, of one node. */
    private static final class Waiting {
        private final Deque<Asked> calls = new ArrayDeque<>();
        private boolean isUnderWay;
    }

    GroupCommit(RedisLink link, Servers servers, Duration patience) {
        this.link = link;
        this.servers = servers;
        this.patience = patience;
    }

    /**
     * Runs a call.
     *
     * @return fails with {@link StoreUnavailable}, or with what Redis answered
     */
    Uni<Response> run(Call call, Confirmation confirmation) {
        String node = servers.nodeOf(call.firstKey());
        return Uni.createFrom().emitter(asker -> {
            synchronized (waiting) {
                waiting.computeIfAbsent(node, none -> new Waiting())
                        .calls
                        .add(new Asked(call, asker, System.nanoTime()));
            }
            next(node, confirmation);
        });
    }

    /** The client gives a connection up over which nothing comes for a while. */
    void keepAlive() {
        link.send(Request.cmd(Command.PING)).subscribe().with(pong -> {}, failure -> {});
    }

    private void next(String node, Confirmation confirmation) {
        List<Asked> together = new ArrayList<>();
        List<Asked> late = new ArrayList<>();
        synchronized (waiting) {
            Waiting ofNode = waiting.get(node);
            if (ofNode == null || ofNode.isUnderWay) {
                return;
            }
            int bytes = 0;
            while (!ofNode.calls.isEmpty() && together.size() < MOST_AT_ONCE && bytes < MOST_BYTES_AT_ONCE) {
                Asked asked = ofNode.calls.remove();
                if (System.nanoTime() - asked.sinceNanos() > patience.toNanos()) {
                    late.add(asked);
                } else {
                    together.add(asked);
                    bytes += asked.call().bytes();
                }
            }
            ofNode.isUnderWay = !together.isEmpty();
            if (together.isEmpty()) {
                waiting.remove(node);
            }
        }
        late.forEach(
                asked -> asked.asker().fail(new StoreUnavailable("more waits to be safe than Redis can keep in time")));
        if (!together.isEmpty()) {
            send(together, confirmation)
                    .onTermination()
                    .invoke(() -> ended(node, confirmation))
                    .subscribe()
                    .with(answers -> tell(together, answers), failure -> refused(together, failure, confirmation));
        }
    }

    private void ended(String node, Confirmation confirmation) {
        synchronized (waiting) {
            Waiting ofNode = waiting.get(node);
            if (ofNode != null) {
                ofNode.isUnderWay = false;
            }
        }
        next(node, confirmation);
    }

    /** In one batch; a server that does not know the script is given it with the first call. */
    private Uni<List<Response>> send(List<Asked> together, Confirmation confirmation) {
        return batch(together, false, confirmation)
                .onFailure(failure -> RedisLink.tells(failure, "NOSCRIPT"))
                .recoverWithUni(() -> batch(together, true, confirmation))
                .invoke(answers -> {
                    if (!confirmation.isGivenBy(answers.get(together.size()))) {
                        throw new StoreUnavailable(confirmation.otherwise());
                    }
                });
    }

    private Uni<List<Response>> batch(List<Asked> together, boolean withText, Confirmation confirmation) {
        List<Request> requests = new ArrayList<>();
        for (Asked asked : together) {
            requests.add(
                    withText && requests.isEmpty()
                            ? asked.call().byText()
                            : asked.call().bySha1());
        }
        requests.add(confirmation.request());
        return link.batch(requests);
    }

    private static void tell(List<Asked> together, List<Response> answers) {
        for (int i = 0; i < together.size(); i++) {
            together.get(i).asker().complete(answers.get(i));
        }
    }

    private void refused(List<Asked> together, Throwable failure, Confirmation confirmation) {
        if (together.size() == 1 || failure instanceof StoreUnavailable) {
            together.forEach(asked -> asked.asker().fail(failure));
            return;
        }
        for (Asked asked : together) {
            send(List.of(asked), confirmation)
                    .subscribe()
                    .with(answers -> asked.asker().complete(answers.get(0)), asked.asker()::fail);
        }
    }
}
