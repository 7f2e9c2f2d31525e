package dev.sluice.redis;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import io.vertx.redis.client.impl.ZModem;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * The servers behind the link: one, or the primaries of a cluster. Knows which of them has a key, whether they can keep what is
 * promised, and how they are asked whether they have kept it.
 */
@ApplicationScoped
public class Servers {
    private static final Logger LOG = Logger.getLogger(Servers.class);
    private static final String ALONE = "alone";

    /** Among so many there are some on every node that has more than a few slots. */
    private static final int MOST_TAGS = 16_384;

    private static final int KEYS_TRIED = 3;

    /** The client's list of commands lacks it. */
    private static final String WAITAOF = "waitaof";

    private final RedisLink redis;
    private final RedisSettings settings;
    private final ServerMeters meters;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private volatile Found found = new Found(Map.of(), new TreeMap<>());

    /**
     * What the last look found.
     *
     * @param servers those that take writes, by the names of their nodes
     * @param nodes of a cluster, by the first slot of a range, which node serves it; empty of one that is alone
     */
    private record Found(Map<String, Server> servers, NavigableMap<Integer, String> nodes) {}

    /**
     * How a server is asked, over the connection that ran a script, whether it has kept what the script wrote.
     *
     * @param request to be sent behind the script, over the same connection
     * @param least what must be answered, or more
     * @param otherwise what it means when less is
     */
    record Confirmation(Request request, int least, String otherwise) {
        boolean isGivenBy(Response answer) {
            Response count = answer.type() == ResponseType.MULTI ? answer.get(0) : answer;
            return count.toInteger() >= least;
        }
    }

    public Servers(RedisLink redis, RedisSettings settings, MeterRegistry meters) {
        this.redis = redis;
        this.settings = settings;
        this.meters = new ServerMeters(meters);
    }

    /**
     * Asks all servers what they are.
     *
     * @return what tells these server processes from others; fails with {@link Unfit} when they cannot keep what is promised,
     *     with {@link StoreUnavailable} when they take no writes or do not answer
     */
    public Uni<Set<String>> look() {
        return redis.send(Request.cmd(Command.INFO))
                .map(info -> Server.read(info.toString(), Map.of()))
                .chain(any -> any.isOfCluster() ? nodes() : Uni.createFrom().item(new TreeMap<Integer, String>()))
                .chain(nodes -> ask(nodes).map(servers -> new Found(servers, nodes)))
                .onFailure(failure -> !(failure instanceof StoreUnavailable))
                .transform(failure -> new StoreUnavailable("Redis does not tell what it is: " + failure.getMessage()))
                .map(this::fit)
                .onFailure()
                .invoke(failure -> meters.foundNone());
    }

    /** The node that has a key. Nodes of one name are reached over one connection. */
    String nodeOf(String key) {
        return nodeOf(key, found.nodes());
    }

    /**
     * How it is found out that something is as safe as it has to be, on the node that has a key; empty when it is as soon as it is
     * answered.
     */
    Optional<Confirmation> confirmation(Durability durability, String key) {
        // It is answered whatever comes of it, and before the call counts as lost.
        Duration patience = settings.timeout().multipliedBy(7).dividedBy(8);
        if (durability instanceof Durability.Replicated replicated) {
            return Optional.of(new Confirmation(
                    Request.cmd(Command.WAIT).arg(replicated.replicas()).arg(patience.toMillis()),
                    replicated.replicas(),
                    "fewer than " + replicated.replicas() + " replicas have it in time"));
        }
        if (durability instanceof Durability.Fsync && knowsWaitaof(nodeOf(key))) {
            return Optional.of(new Confirmation(
                    Request.cmd(Command.create(WAITAOF)).arg(1).arg(0).arg(patience.toMillis()),
                    1,
                    "it is not on the disk of Redis in time"));
        }
        return Optional.empty();
    }

    /** One that does not syncs always, or would not be used. */
    private boolean knowsWaitaof(String node) {
        Server server = found.servers().get(node);
        return server == null || server.knowsWaitaof();
    }

    private Uni<NavigableMap<Integer, String>> nodes() {
        return redis.send(Request.cmd(Command.CLUSTER).arg("SLOTS")).map(ranges -> {
            NavigableMap<Integer, String> nodes = new TreeMap<>();
            ranges.forEach(range -> nodes.put(
                    range.get(0).toInteger(),
                    range.get(2).get(0) + ":" + range.get(2).get(1)));
            return nodes;
        });
    }

    private Uni<Map<String, Server>> ask(NavigableMap<Integer, String> nodes) {
        Set<String> names = nodes.isEmpty() ? Set.of(ALONE) : new TreeSet<>(nodes.values());
        return Multi.createFrom()
                .iterable(names)
                .onItem()
                .transformToUniAndConcatenate(
                        name -> askOneOf(keysOn(name, nodes)).map(server -> Map.entry(name, server)))
                .collect()
                .asMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    /** A cluster's client sends a batch to whoever has the key in it. */
    private Uni<Server> ask(String key) {
        Request there = Request.cmd(Command.EXISTS).arg(key);
        Request info = Request.cmd(Command.INFO);
        if (settings.promised().stream().allMatch(Durability.Memory.class::isInstance)) {
            return redis.batch(List.of(there, info))
                    .map(answers -> Server.read(answers.get(1).toString(), Map.of()));
        }
        return redis.batch(List.of(there, info, configuration(Server.APPENDFSYNC), configuration(Server.MIN_REPLICAS)))
                .map(answers -> Server.read(answers.get(1).toString(), pairs(answers.subList(2, answers.size()))))
                .onFailure(failure -> !(failure instanceof StoreUnavailable))
                .recoverWithUni(() -> redis.batch(List.of(there, info))
                        .map(answers -> Server.read(answers.get(1).toString(), Map.of())));
    }

    private static Request configuration(String name) {
        return Request.cmd(Command.CONFIG).arg("GET").arg(name);
    }

    private static Map<String, String> pairs(List<Response> answers) {
        Map<String, String> pairs = new HashMap<>();
        for (Response answer : answers) {
            // A list or, with RESP 3, a map.
            if (answer.containsKey(Server.APPENDFSYNC) || answer.containsKey(Server.MIN_REPLICAS)) {
                answer.getKeys()
                        .forEach(name -> pairs.put(name, answer.get(name).toString()));
            }
        }
        return Map.copyOf(pairs);
    }

    /** While the slot of one moves, its node sends whoever asks for it elsewhere. */
    private Uni<Server> askOneOf(List<String> keys) {
        return Multi.createFrom()
                .iterable(keys)
                .onItem()
                .transformToUniAndConcatenate(
                        key -> ask(key).onFailure(ErrorType.class).recoverWithNull())
                .toUni()
                .onItem()
                .ifNull()
                .failWith(() -> new StoreUnavailable("a node of Redis does not tell what it is: its slots move"));
    }

    private static List<String> keysOn(String node, NavigableMap<Integer, String> nodes) {
        return IntStream.range(0, MOST_TAGS)
                .mapToObj(i -> "sluice:{" + i + "}:m")
                .filter(key -> nodes.isEmpty() || node.equals(nodeOf(key, nodes)))
                .limit(KEYS_TRIED)
                .toList();
    }

    private static String nodeOf(String key, NavigableMap<Integer, String> nodes) {
        Map.Entry<Integer, String> range = nodes.floorEntry(ZModem.generate(key));
        return range == null ? ALONE : range.getValue();
    }

    private Set<String> fit(Found now) {
        for (Server server : now.servers().values()) {
            List<String> faults = server.faults(settings.promised());
            if (!faults.isEmpty()) {
                throw new Unfit(faults);
            }
            if (server.isLoading()) {
                throw new StoreUnavailable("Redis reads its data from its disk");
            }
            if (!server.isPrimary()) {
                throw new StoreUnavailable("Redis is a replica, which takes no writes: quarkus.redis.hosts must lead to"
                        + " the primary, or to Sentinels with quarkus.redis.client-type=sentinel");
            }
            server.warnings(settings.promised()).stream().filter(warned::add).forEach(LOG::warn);
        }
        found = now;
        meters.found(now.servers());
        Set<String> runIds = new HashSet<>();
        now.servers().values().forEach(server -> runIds.add(server.runId()));
        return runIds;
    }
}
