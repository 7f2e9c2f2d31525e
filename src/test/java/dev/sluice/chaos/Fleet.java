package dev.sluice.chaos;

import static dev.sluice.chaos.Plague.pause;

import dev.sluice.system.Gateway;
import dev.sluice.system.Shop;
import dev.sluice.system.Stop;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The gateways, as processes, and what may become of them. At most one of them is away at a time. */
final class Fleet implements AutoCloseable {
    static final Duration LEASE = Duration.ofSeconds(3);

    private final Path directory;
    private final Store store;
    private final Map<String, String> settings;
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final Queue<Stop> stops = new ConcurrentLinkedQueue<>();
    private final AtomicInteger turns = new AtomicInteger();
    private int added;

    private record Member(String name, Gateway gateway) {}

    Fleet(Path directory, Store store, Map<String, String> settings, int size) {
        this.directory = directory;
        this.store = store;
        this.settings = settings;
        for (int i = 0; i < size; i++) {
            add("gateway-" + i);
        }
    }

    /** Where events of a source are taken, by all in turn that are there then. */
    List<Supplier<URI>> in(String source) {
        return List.of(() -> {
            List<Member> now = List.copyOf(members);
            return now.get(turns.getAndIncrement() % now.size()).gateway().in(source);
        });
    }

    /** When which stood still. */
    List<Stop> stops() {
        return List.copyOf(stops);
    }

    /**
     * What may become of gateways.
     *
     * @param stops whether that they stand still is among it, of which no gateway can prevent all that comes
     */
    List<Fault> faults(boolean stops) {
        List<Fault> faults = new ArrayList<>(List.of(
                new Fault("gateway killed", this::killOne),
                new Fault("gateway terminated", this::terminateOne),
                new Fault("gateway added and removed", this::addOneForAWhile)));
        if (stops) {
            faults.add(new Fault("gateway stopped", this::stopOne));
        }
        return faults;
    }

    private void killOne(Random random) {
        Gateway gateway = one(random).gateway();
        gateway.kill();
        pause(random, Duration.ZERO, LEASE.multipliedBy(2));
        gateway.start();
    }

    /** Past its lease. */
    private void stopOne(Random random) throws Exception {
        Member member = one(random);
        long from = System.nanoTime();
        member.gateway().signal("STOP");
        pause(random, LEASE, LEASE.multipliedBy(3));
        member.gateway().signal("CONT");
        stops.add(new Stop(member.name(), from, System.nanoTime()));
    }

    private void terminateOne(Random random) {
        Gateway gateway = one(random).gateway();
        gateway.close();
        pause(random, Duration.ZERO, Duration.ofSeconds(2));
        gateway.start();
    }

    private void addOneForAWhile(Random random) {
        Member another = add("added-" + added++);
        pause(random, Duration.ofSeconds(1), Duration.ofSeconds(8));
        members.remove(another);
        another.gateway().close();
        store.forget(another.name());
    }

    /** Waits until each gateway has sent two more heartbeats. */
    void awaitHeartbeats() {
        members.forEach(member -> member.gateway().awaitHeartbeats(2));
    }

    private Member add(String name) {
        Gateway gateway = new Gateway(directory.resolve(name), store.hosts(name), Shop.named(name, settings));
        Member member = new Member(name, gateway);
        members.add(member);
        return member;
    }

    private Member one(Random random) {
        List<Member> all = new ArrayList<>(members);
        return all.get(random.nextInt(all.size()));
    }

    @Override
    public void close() {
        members.forEach(member -> member.gateway().close());
    }
}
