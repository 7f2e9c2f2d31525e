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
    private LineFaults() {}

    /** Each time of another line. */
    static List<Fault> of(Function<Random, FaultyProxy> chosen) {
        return List.of(
                fault("line cut", chosen, FaultyProxy::cut, Duration.ZERO),
                fault("line slow", chosen, line -> line.delay(Duration.ofMillis(150)), Duration.ofSeconds(4)),
                fault("line dead", chosen, FaultyProxy::blackhole, Duration.ofSeconds(8)),
                fault("answers lost", chosen, FaultyProxy::loseAnswers, Duration.ofMillis(1_500)),
                fault("answers lost", chosen, FaultyProxy::loseAnswers, Duration.ofMillis(600)));
    }

    private static Fault fault(
            String name, Function<Random, FaultyProxy> chosen, Consumer<FaultyProxy> how, Duration longest) {
        return new Fault(name, random -> {
            FaultyProxy line = chosen.apply(random);
            how.accept(line);
            pause(random, longest.dividedBy(2), longest);
            line.pass();
        });
    }
}
