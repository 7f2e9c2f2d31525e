package dev.sluice.fleet;

import dev.sluice.fleet.Heartbeat.Beat;
import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Which targets are paused, and why. Each gateway hears of it with its heartbeat, and at once of what it changes itself. */
@ApplicationScoped
public class Pauses {
    private static final String NONE = "";
    private static final String RESUMED = "";

    private final Script script = Script.named("pause");
    private final Scripts scripts;
    private final Heartbeat heartbeat;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private volatile Map<String, String> known = Map.of();
    private long knownSinceNanos = System.nanoTime();

    Pauses(Scripts scripts, Heartbeat heartbeat) {
        this.scripts = scripts;
        this.heartbeat = heartbeat;
    }

    /** Hears of what changes from now on; to be called before the heart begins to beat. */
    public void follow() {
        heartbeat.listen(this::beat);
    }

    /** Tells somebody of each target that is resumed, on any thread. */
    public void listen(Consumer<String> resumed) {
        listeners.add(resumed);
    }

    /** Why a target is paused, as far as this gateway has heard; empty when it is not. */
    public Optional<String> of(String target) {
        return Optional.ofNullable(known.get(target));
    }

    /** All that are paused, and why, as Redis has it. */
    public Uni<Map<String, String>> all() {
        return call(NONE, RESUMED);
    }

    /** Pauses a target, which stays paused for the first reason where it is already. */
    public Uni<Void> pause(String target, String why) {
        return call(target, why).replaceWithVoid();
    }

    /** Resumes a target. */
    public Uni<Void> resume(String target) {
        return call(target, RESUMED).replaceWithVoid();
    }

    private Uni<Map<String, String>> call(String target, String why) {
        return scripts.run(new Call(script)
                        .key("sluice:{fleet}:paused")
                        .arg(target)
                        .arg(why))
                .map(Pauses::read)
                .invoke(all -> hear(all, System.nanoTime()));
    }

    private void beat(Beat beat) {
        hear(beat.presence().paused(), beat.asked().nanos());
    }

    /** @param since when it was surely so, or later */
    private void hear(Map<String, String> all, long since) {
        Map<String, String> before;
        synchronized (this) {
            if (since - knownSinceNanos < 0) {
                // Asked before this gateway changed something, and answered after that.
                return;
            }
            before = known;
            known = all;
            knownSinceNanos = since;
        }
        before.keySet().stream()
                .filter(target -> !all.containsKey(target))
                .forEach(target -> listeners.forEach(listener -> listener.accept(target)));
    }

    /** Reads names and reasons in turn. */
    static Map<String, String> read(Response namesAndReasons) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < namesAndReasons.size(); i += 2) {
            all.put(
                    namesAndReasons.get(i).toString(),
                    namesAndReasons.get(i + 1).toString());
        }
        return Map.copyOf(all);
    }
}
