package dev.sluice.chaos;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Faults of one kind, one after the other with pauses between them, in an order that its seed decides; each before any comes again. */
final class Plague extends Thread {
    private final List<Fault> faults;
    private final Random random;
    private final Duration longestPause;
    private final Queue<Injected> injected = new ConcurrentLinkedQueue<>();
    private volatile boolean over;
    private volatile @Nullable Throwable failure;

    /**
     * One fault that was.
     *
     * @param from when it began, in ns
     * @param to when all was well again, in ns
     */
    record Injected(String name, long from, long to) {}

    Plague(String name, List<Fault> faults, Duration longestPause, long seed) {
        super(name);
        this.faults = faults;
        this.longestPause = longestPause;
        this.random = new Random(seed);
    }

    @Override
    public void run() {
        try {
            Deque<Fault> next = new ArrayDeque<>();
            while (!over) {
                pause(random, longestPause.dividedBy(3), longestPause);
                if (next.isEmpty()) {
                    List<Fault> shuffled = new ArrayList<>(faults);
                    Collections.shuffle(shuffled, random);
                    next.addAll(shuffled);
                }
                if (!over) {
                    Fault fault = next.remove();
                    long from = System.nanoTime();
                    fault.doing().inject(random);
                    injected.add(new Injected(fault.name(), from, System.nanoTime()));
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** Waits until the fault that is under way is over; there will be no other. */
    void end() throws InterruptedException {
        over = true;
        join();
        if (failure != null) {
            throw new IllegalStateException("no fault, but the test failed in " + getName(), failure);
        }
        if (injected.isEmpty()) {
            throw new IllegalStateException("nothing went wrong with the " + getName());
        }
    }

    List<Injected> injected() {
        return List.copyOf(injected);
    }

    /** The names of those that never came. */
    Set<String> missed() {
        Set<String> missed = faults.stream().map(Fault::name).collect(Collectors.toCollection(TreeSet::new));
        missed.removeAll(counts().keySet());
        return missed;
    }

    Map<String, Long> counts() {
        return injected.stream().collect(Collectors.groupingBy(Injected::name, TreeMap::new, Collectors.counting()));
    }

    /** For as long as chance will have it. */
    static void pause(Random random, Duration shortest, Duration longest) {
        long nanos = shortest.toNanos()
                + (long) (random.nextDouble() * longest.minus(shortest).toNanos());
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
