package dev.sluice.fleet;

import dev.sluice.redis.Call;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What takes long and one of the gateways does for all: what is to be done, and how far it has got. What it is about this knows
 * nothing of.
 */
@ApplicationScoped
public class Jobs {
    private static final String JOBS = "sluice:{fleet}:jobs";
    private static final String STANDINGS = "sluice:{fleet}:jobs-standing";
    static final String OPEN = "sluice:{fleet}:jobs-open";
    private static final String OVER = "sluice:{fleet}:jobs-over";

    /** So many are done side by side at most. */
    private static final int MOST_OPEN = 16;

    /** So many that are over are still told of. */
    private static final int OVER_TOLD = 100;

    private static final int FIGURES = 4;

    private final Script begin = Script.named("job_begin");
    private final Script list = Script.named("jobs");
    private final Script step = Script.named("job_step");
    private final Scripts scripts;

    /** How a job stands. */
    public enum State {
        RUNNING,
        DONE,
        CANCELLED
    }

    /**
     * How far a job has got.
     *
     * @param steps how many of its steps are done
     * @param moved how many events it has moved by now
     * @param begunAt in ms of Redis' clock
     * @param overAt the same; 0 while it runs
     */
    public record Standing(State state, int steps, long moved, long begunAt, long overAt) {}

    /**
     * A job.
     *
     * @param by who wanted it
     * @param what is to be done
     */
    public record Job(String id, String by, String what, Standing standing) {}

    /**
     * A job that was asked for.
     *
     * @param anew whether it was begun, and not under way before
     */
    public record Begun(String id, boolean anew) {}

    Jobs(Scripts scripts) {
        this.scripts = scripts;
    }

    /** Has a job done, unless the same is under way already.
     *
     * @param id a new one
     * @return empty when too many are under way
     */
    public Uni<Optional<Begun>> begin(String id, String by, String what) {
        return scripts.run(new Call(begin)
                        .key(JOBS)
                        .key(STANDINGS)
                        .key(OPEN)
                        .arg(id)
                        .arg(by)
                        .arg(what)
                        .arg(MOST_OPEN))
                .map(answer -> answer.get(0).toInteger() < 0
                        ? Optional.empty()
                        : Optional.of(new Begun(
                                answer.get(1).toString(), answer.get(0).toInteger() == 1)));
    }

    /** Those that are not over, but for some whose ids are known; the one that began first before the others. */
    public Uni<List<Job>> open(Collection<String> known) {
        return list("open", known);
    }

    /** Those that are told of: these, and before them those that are over. */
    public Uni<List<Job>> all() {
        return list("all", List.of());
    }

    /** One of them; empty when there is no such one, or it is not told of any more. */
    public Uni<Optional<Job>> find(String id) {
        return list("one", List.of(id)).map(found -> found.stream().findFirst());
    }

    /** Notes how far a step has got, unless that was noted as done before.
     *
     * @param before how many were done before it
     * @param moved how many events were moved in it by now
     */
    public Uni<Optional<Standing>> advance(String id, int before, long moved, boolean done) {
        return step(id, State.RUNNING, before, moved, done);
    }

    /** Notes that all of it is done, or as much as will be. What is over already stays as it is. */
    public Uni<Optional<Standing>> end(String id, State state) {
        return step(id, state, 0, 0, false);
    }

    private Uni<Optional<Standing>> step(String id, State state, int before, long moved, boolean done) {
        return scripts.run(new Call(step)
                        .key(JOBS)
                        .key(STANDINGS)
                        .key(OPEN)
                        .key(OVER)
                        .arg(id)
                        .arg(state.name().toLowerCase(Locale.ROOT))
                        .arg(before)
                        .arg(moved)
                        .arg(done ? 1 : 0)
                        .arg(OVER_TOLD))
                .map(answer -> answer == null ? Optional.empty() : Optional.of(standing(answer.toString())));
    }

    private Uni<List<Job>> list(String which, Collection<String> ids) {
        Call call = new Call(list).key(JOBS).key(STANDINGS).key(OPEN).key(OVER).arg(which);
        ids.forEach(call::arg);
        return scripts.run(call).map(Jobs::read);
    }

    private static List<Job> read(Response answer) {
        List<Job> jobs = new ArrayList<>();
        for (int at = 0; at < answer.size(); at += FIGURES) {
            jobs.add(new Job(
                    answer.get(at).toString(),
                    answer.get(at + 1).toString(),
                    answer.get(at + 2).toString(),
                    standing(answer.get(at + 3).toString())));
        }
        return jobs;
    }

    private static Standing standing(String text) {
        String[] parts = text.split(":", -1);
        return new Standing(
                State.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                Integer.parseInt(parts[1]),
                Long.parseLong(parts[2]) + Long.parseLong(parts[3]),
                Long.parseLong(parts[4]),
                Long.parseLong(parts[5]));
    }
}
