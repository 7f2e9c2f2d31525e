package dev.sluice.bench;

import dev.sluice.event.EventReader;
import dev.sluice.event.MissingKey;
import dev.sluice.event.Ordering;
import dev.sluice.event.Place;
import dev.sluice.event.Reading;
import dev.sluice.event.ReadingRules;
import dev.sluice.signature.SignatureScheme;
import dev.sluice.signature.SigningKey;
import dev.sluice.signature.Verifier;
import dev.sluice.signature.Verifier.Verdict;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** What verifying an event and reading it take, alone. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class Micro {
    /** How large a body is. */
    @Param({"1024", "65536"})
    public int bytes;

    private Verifier verifier;
    private EventReader reader;
    private byte[] body;
    private List<String> signatures;

    /** Runs all of them, in a JVM of their own. */
    static Collection<RunResult> run() throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include(Micro.class.getName())
                        .shouldFailOnError(true)
                        .build())
                .run();
    }

    @Setup
    public void prepare() {
        Signed signed = new Signed(bytes);
        body = signed.body(1, 2);
        signatures = List.of(signed.signature(body));
        verifier = new Verifier(SignatureScheme.OPTONDEMAND, List.of(SigningKey.ofText(Signed.SECRET)));
        reader = new EventReader(
                "orders",
                new ReadingRules(
                        List.of(new Place.Pointer("/event")),
                        List.of(new Place.Pointer("/timestamp")),
                        Ordering.ENTITY,
                        List.of(new Place.Pointer("/data/orderId")),
                        MissingKey.UNREADABLE,
                        List.of(),
                        List.of()));
    }

    /** The HMAC-SHA256 of the body, and whether it is the one that was sent. */
    @Benchmark
    public Verdict verify() {
        return verifier.verify(signatures, body);
    }

    /** Type, time, ordering key and dedup id. */
    @Benchmark
    public Reading read() {
        return reader.read(name -> null, body, Set.of());
    }
}
