package dev.sluice.ops;

import dev.sluice.event.Story;
import dev.sluice.fleet.Jobs;
import dev.sluice.fleet.Jobs.Job;
import dev.sluice.fleet.Jobs.State;
import dev.sluice.ops.Work.Part;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Locale;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One job under way, in this gateway. Before each part it notes how far it has got, and hears whether the job was cancelled. One call at a
 * time.
 */
final class JobRun {
    private static final Logger LOG = Logger.getLogger(JobRun.class);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** So that a gateway that is no longer the first soon leaves it to the one that is. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

    private final Jobs jobs;
    private final Job job;
    private final Work work;
    private final @Nullable Integer rate;
    private int step;
    private long movedInStep;
    private long nextPartNanos = System.nanoTime();

    /** Makes one that goes on where the job stands.
     *
     * @param rate how many events a second at most, over the parts; null for as many as can
     */
    JobRun(Jobs jobs, Job job, Work work, @Nullable Integer rate) {
        this.jobs = jobs;
        this.job = job;
        this.work = work;
        this.rate = rate;
        this.step = job.standing().steps();
    }

    /** Goes on.
     *
     * @return whether there is more to do
     */
    Uni<Boolean> next() {
        Duration wait = Duration.ofNanos(nextPartNanos - System.nanoTime());
        if (wait.compareTo(Duration.ZERO) > 0) {
            return Uni.createFrom()
                    .item(true)
                    .onItem()
                    .delayIt()
                    .by(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
        }
        if (step >= work.steps()) {
            return end(State.DONE);
        }
        if (!work.isPossible()) {
            return end(State.CANCELLED);
        }
        return jobs.advance(job.id(), step, movedInStep, false)
                .chain(standing -> standing.filter(now -> now.state() == State.RUNNING)
                        .map(now -> work.next(step).chain(this::done))
                        .orElseGet(() -> Uni.createFrom().item(false)));
    }

    private Uni<Boolean> done(Part part) {
        if (rate != null) {
            nextPartNanos = System.nanoTime()
                    + SECOND.multipliedBy(part.now()).dividedBy(rate).toNanos();
        }
        movedInStep = part.byNow();
        if (!part.isAll()) {
            return Uni.createFrom().item(true);
        }
        return jobs.advance(job.id(), step, movedInStep, true).map(standing -> {
            step++;
            movedInStep = 0;
            return true;
        });
    }

    private Uni<Boolean> end(State state) {
        return jobs.end(job.id(), state).map(standing -> {
            Story.tell(
                    LOG,
                    Logger.Level.INFO,
                    "job over",
                    "job",
                    job.id(),
                    "outcome",
                    state.name().toLowerCase(Locale.ROOT),
                    "moved",
                    standing.map(now -> Long.toString(now.moved())).orElse(null));
            return false;
        });
    }
}
