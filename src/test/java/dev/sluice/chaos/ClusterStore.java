package dev.sluice.chaos;

import static dev.sluice.chaos.Plague.pause;

import dev.sluice.redis.RedisCluster;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Three primaries with a replica each. */
final class ClusterStore implements Store {
    private static final int PRIMARIES = 3;
    private static final int MOST_SLOTS = 300;

    private final RedisCluster redis;

    ClusterStore(Vertx vertx, Path directory) {
        redis = RedisCluster.withReplicas(vertx, directory);
    }

    @Override
    public String hosts(String gateway) {
        return redis.seeds();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("quarkus.redis.client-type", "cluster", "sluice.sources.shop.durability", "replicated");
    }

    @Override
    public List<Fault> faults() {
        List<Fault> faults =
                new ArrayList<>(LineFaults.of(random -> redis.line(random.nextInt(PRIMARIES)), redis::awaitSynced));
        faults.add(new Fault("primary killed", this::killPrimary));
        faults.add(new Fault("primary stopped", this::stopPrimary));
        faults.add(new Fault("slots moved", this::moveSlots));
        return faults;
    }

    @Override
    public List<String> keys() {
        return redis.keys();
    }

    private void killPrimary(Random random) throws Exception {
        redis.killPrimary(random.nextInt(PRIMARIES));
        pause(random, Duration.ZERO, Duration.ofSeconds(2));
        redis.restartKilled();
        redis.awaitSynced();
    }

    private void stopPrimary(Random random) throws Exception {
        redis.stopPrimary(random.nextInt(PRIMARIES), () -> pause(random, Duration.ZERO, Duration.ofSeconds(2)));
    }

    private void moveSlots(Random random) {
        int from = random.nextInt(PRIMARIES);
        redis.moveSlots(1 + random.nextInt(MOST_SLOTS), from, (from + 1 + random.nextInt(PRIMARIES - 1)) % PRIMARIES);
    }

    @Override
    public void close() {
        redis.close();
    }
}
