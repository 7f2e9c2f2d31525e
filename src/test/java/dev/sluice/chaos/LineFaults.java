package dev.sluice.chaos;

import static dev.sluice.chaos.Plague.pause;

import dev.sluice.redis.FaultyProxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/** What may go wrong with a connection to a Redis. */
final class LineFaults {
    private final Function<Random, FaultyProxy> chosen;
    private final Runnable afterwards;

    private LineFaults(Function<Random, FaultyProxy> chosen, Runnable afterwards) {
        this.chosen = chosen;
        this.afterwards = afterwards;
    }

    /**
     * Each time of another line.
     *
     * @param afterwards returns when all is well again
     */
    static List<Fault> of(Function<Random, FaultyProxy> chosen, Runnable afterwards) {
        LineFaults lines = new LineFaults(chosen, afterwards);
        return List.of(
                lines.fault("line cut", FaultyProxy::cut, Duration.ZERO),
                lines.fault("line slow", line -> line.delay(Duration.ofMillis(150)), Duration.ofSeconds(4)),
                lines.fault("line dead", FaultyProxy::blackhole, Duration.ofSeconds(8)),
                lines.fault("answers lost", FaultyProxy::loseAnswers, Duration.ofMillis(1_500)),
                lines.fault("answers lost", FaultyProxy::loseAnswers, Duration.ofMillis(600)));
    }

    private Fault fault(String name, Consumer<FaultyProxy> how, Duration longest) {
        return new Fault(name, random -> {
            FaultyProxy line = chosen.apply(random);
            how.accept(line);
            pause(random, longest.dividedBy(2), longest);
            line.pass();
            afterwards.run();
        });
    }
}
