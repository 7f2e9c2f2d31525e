package dev.sluice.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.delivery.LaneSwitch;
import dev.sluice.fleet.Heartbeat;
import dev.sluice.fleet.Heartbeat.Beat;
import dev.sluice.fleet.Jobs;
import dev.sluice.fleet.Jobs.Job;
import dev.sluice.fleet.Pods;
import dev.sluice.lane.DeadLetters;
import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Redrive;
import dev.sluice.target.Targets;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Does the jobs: one of the gateways that are there, for all. It begins with the heartbeat that tells of one; what it leaves undone
 * another one goes on with.
 */
@ApplicationScoped
class JobRunner {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);

    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(2);

    private final Map<String, JobRun> running = new ConcurrentHashMap<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final Jobs jobs;
    private final Pods pods;
    private final Heartbeat heartbeat;
    private final Redrive redrive;
    private final DeadLetters letters;
    private final LaneSwitch lanes;
    private final Targets targets;
    private final LaneSettings settings;
    private final ObjectMapper json;

    JobRunner(
            Jobs jobs,
            Pods pods,
            Heartbeat heartbeat,
            Redrive redrive,
            DeadLetters letters,
            LaneSwitch lanes,
            Targets targets,
            LaneSettings settings,
            ObjectMapper json) {
        this.jobs = jobs;
        this.pods = pods;
        this.heartbeat = heartbeat;
        this.redrive = redrive;
        this.letters = letters;
        this.lanes = lanes;
        this.targets = targets;
        this.settings = settings;
        this.json = json;
    }

    /** Before the heart begins to beat. */
    void follow(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent started) {
        heartbeat.listen(this::beat);
    }

    /** How it is written down. */
    String write(Task task) {
        try {
            return json.writeValueAsString(task);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a job looks to operators; empty where a gateway of another version has begun it. */
    Optional<JobView> view(Job job) {
        return read(job).map(task -> JobView.of(job, task, work(job, task).steps()));
    }

    private void beat(Beat beat) {
        if (beat.presence().jobs() > 0 && pods.isFirst() && looking.compareAndSet(false, true)) {
            jobs.open(running.keySet())
                    .onTermination()
                    .invoke(() -> looking.set(false))
                    .subscribe()
                    .with(open -> open.forEach(this::begin), failure -> LOG.debugf("no look at jobs: %s", failure));
        }
    }

    private void begin(Job job) {
        read(job).ifPresent(task -> {
            JobRun run = new JobRun(jobs, job, work(job, task), task.rate());
            if (running.putIfAbsent(job.id(), run) == null) {
                go(job, run);
            }
        });
    }

    private void go(Job job, JobRun run) {
        Multi.createBy()
                .repeating()
                .uni(run::next)
                .whilst(more -> more && pods.isFirst())
                .collect()
                .last()
                .onFailure()
                .invoke(failure -> LOG.warnf("job %s goes on later: %s", job.id(), failure.getMessage()))
                .onFailure()
                .call(() -> Uni.createFrom().voidItem().onItem().delayIt().by(AFTER_A_FAILURE))
                // What is not over the next heartbeat begins again.
                .onTermination()
                .invoke(() -> running.remove(job.id()))
                .subscribe()
                .with(more -> {}, failure -> {});
    }

    private Work work(Job job, Task task) {
        return task instanceof Task.Redriving redriving
                ? new RedriveWork(job, redriving, settings.partitions(), redrive, letters, lanes, targets)
                : new ReplayWork(job, (Task.Replaying) task, settings.partitions(), lanes, targets);
    }

    private Optional<Task> read(Job job) {
        try {
            return Optional.of(json.readValue(job.what(), Task.class));
        } catch (JsonProcessingException e) {
            LOG.warnf("job %s is left to gateways of another version: %s", job.id(), e.getMessage());
            return Optional.empty();
        }
    }
}
