package dev.sluice.chaos;

import static dev.sluice.chaos.Plague.pause;

import dev.sluice.system.RecordingTarget;
import dev.sluice.system.Shop;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Where the events go: one target that is well, one that fails every now and then, and one with moods. */
final class Targets implements AutoCloseable {
    private static final double FAILS = 0.05;
    private static final double LOSES_ANSWERS = 0.03;

    private final RecordingTarget well;
    private final RecordingTarget flaky;
    private final RecordingTarget moody;

    Targets(Vertx vertx, long seed) {
        Random random = new Random(seed);
        well = new RecordingTarget(vertx, Shop.TARGET_SECRET);
        flaky = new RecordingTarget(vertx, Shop.TARGET_SECRET).answering(message -> {
            double chance = random.nextDouble();
            if (chance < FAILS) {
                return 500;
            }
            return chance < FAILS + LOSES_ANSWERS ? RecordingTarget.CLOSE : 200;
        });
        moody = new RecordingTarget(vertx, Shop.TARGET_SECRET);
    }

    Map<String, RecordingTarget> byName() {
        return Map.of("well", well, "flaky", flaky, "moody", moody);
    }

    List<Fault> faults() {
        return List.of(
                mood("target fails", 503),
                mood("target hangs", RecordingTarget.HANG),
                mood("target loses its answers", RecordingTarget.CLOSE),
                new Fault("target is slow", random -> {
                    moody.answeringAfter(Duration.ofMillis(300));
                    pause(random, Duration.ofSeconds(1), Duration.ofSeconds(6));
                    moody.answeringAfter(Duration.ZERO);
                }));
    }

    private Fault mood(String name, int status) {
        return new Fault(name, random -> {
            moody.answering(status);
            pause(random, Duration.ofSeconds(1), Duration.ofSeconds(4));
            moody.answering(200);
        });
    }

    @Override
    public void close() {
        byName().values().forEach(RecordingTarget::close);
    }
}
