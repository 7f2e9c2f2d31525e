package dev.sluice.chaos;

import static dev.sluice.chaos.Plague.pause;

import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.redis.FaultyProxy;
import dev.sluice.system.RedisLook;
import dev.sluice.system.Signals;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/** One server that has all it answered on its disk, with a faulty line from each gateway to it. */
final class StandaloneStore implements Store {
    private static final String[] SETTINGS = {"--save", "", "--appendonly", "yes", "--appendfsync", "always"};

    private final Vertx vertx;
    private final Path directory;
    private final Map<String, FaultyProxy> lines = new ConcurrentHashMap<>();
    private EmbeddedRedis redis;

    StandaloneStore(Vertx vertx, Path directory) {
        this.vertx = vertx;
        this.directory = directory;
        this.redis = EmbeddedRedis.start(directory, SETTINGS);
    }

    @Override
    public String hosts(String gateway) {
        return line(gateway).uri();
    }

    @Override
    public void forget(String gateway) {
        lines.remove(gateway).close();
    }

    /** The line of one gateway. */
    FaultyProxy line(String gateway) {
        return lines.computeIfAbsent(gateway, name -> new FaultyProxy(vertx, redis.port()));
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("sluice.sources.shop.durability", "fsync");
    }

    @Override
    public List<Fault> faults() {
        List<Fault> faults = new ArrayList<>(LineFaults.of(this::oneLine, () -> {}));
        faults.add(new Fault("redis stopped", this::stopForAWhile));
        faults.add(new Fault("redis killed", this::killAndStartAgain));
        return faults;
    }

    @Override
    public List<String> keys() {
        try (RedisLook look = new RedisLook(vertx, redis.uri())) {
            return List.copyOf(look.keys());
        }
    }

    private FaultyProxy oneLine(Random random) {
        List<FaultyProxy> all = lines.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
        return all.get(random.nextInt(all.size()));
    }

    private void stopForAWhile(Random random) throws Exception {
        Signals.send("STOP", redis.pid());
        pause(random, Duration.ofSeconds(1), Duration.ofSeconds(5));
        Signals.send("CONT", redis.pid());
    }

    private void killAndStartAgain(Random random) throws Exception {
        Signals.send("KILL", redis.pid());
        redis.close();
        pause(random, Duration.ZERO, Duration.ofSeconds(2));
        redis = EmbeddedRedis.start(directory, redis.port(), SETTINGS);
    }

    @Override
    public void close() {
        lines.values().forEach(FaultyProxy::close);
        redis.close();
    }
}
