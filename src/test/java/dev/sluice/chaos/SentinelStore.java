package dev.sluice.chaos;

import static dev.sluice.chaos.Plague.pause;

import dev.sluice.redis.RedisSentinel;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A primary, a replica and three Sentinels. */
final class SentinelStore implements Store {
    private final RedisSentinel redis;

    SentinelStore(Vertx vertx, Path directory) {
        redis = new RedisSentinel(vertx, directory, 1);
    }

    @Override
    public String hosts(String gateway) {
        return redis.sentinelUris();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "quarkus.redis.client-type", "sentinel",
                "quarkus.redis.master-name", redis.name(),
                "sluice.sources.shop.durability", "replicated");
    }

    @Override
    public List<Fault> faults() {
        List<Fault> faults =
                new ArrayList<>(LineFaults.of(random -> redis.line(redis.primaryPort()), redis::awaitSynced));
        faults.add(new Fault("primary killed", this::killPrimary));
        faults.add(new Fault("primary stopped", this::stopPrimary));
        faults.add(new Fault("replica cut off", this::cutReplicaOff));
        faults.add(new Fault("replica cut off, primary killed", this::cutReplicaOffAndKillPrimary));
        return faults;
    }

    @Override
    public List<String> keys() {
        return redis.ask(redis.primaryPort(), Command.KEYS, "*").stream()
                .map(Response::toString)
                .toList();
    }

    private void killPrimary(Random random) throws Exception {
        int killed = redis.killPrimary();
        redis.awaitFailover(killed);
        pause(random, Duration.ZERO, Duration.ofSeconds(2));
        redis.restartKilledAsReplicas();
    }

    /** Until another one has taken over: it goes on as if it were the primary, for some seconds. */
    private void stopPrimary(Random random) throws Exception {
        int stopped = redis.primaryPort();
        redis.stop(stopped);
        try {
            redis.awaitFailover(stopped);
            pause(random, Duration.ZERO, Duration.ofSeconds(2));
        } finally {
            redis.cont(stopped);
        }
        redis.awaitSynced();
    }

    private void cutReplicaOffAndKillPrimary(Random random) throws Exception {
        redis.pauseReplication();
        pause(random, Duration.ofMillis(200), Duration.ofSeconds(2));
        int killed = redis.killPrimary();
        redis.awaitFailover(killed);
        redis.resumeReplication();
        redis.restartKilledAsReplicas();
    }

    private void cutReplicaOff(Random random) {
        redis.pauseReplication();
        pause(random, Duration.ofSeconds(1), Duration.ofSeconds(4));
        redis.resumeReplication();
        redis.awaitSynced();
    }

    @Override
    public void close() {
        redis.close();
    }
}
