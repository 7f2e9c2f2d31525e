package dev.sluice.ops;

import dev.sluice.access.Audit;
import dev.sluice.access.Audit.Caller;
import dev.sluice.fleet.Jobs;
import dev.sluice.fleet.Jobs.Begun;
import dev.sluice.problem.Problem;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.UUID;

/** Where jobs are ordered. The same one twice is one, as long as it is not over. */
@ApplicationScoped
class JobDesk {
    private final Jobs jobs;
    private final JobRunner runner;
    private final Audit audit;

    JobDesk(Jobs jobs, JobRunner runner, Audit audit) {
        this.jobs = jobs;
        this.runner = runner;
        this.audit = audit;
    }

    /** Has a task done in the background. */
    Uni<Response> begin(Task task) {
        String what = runner.write(task);
        Caller caller = audit.caller();
        return jobs.begin(UUID.randomUUID().toString(), caller.key(), what)
                .chain(begun -> begun.map(job -> begun(job, what, caller))
                        .orElseGet(() -> Uni.createFrom().item(tooMany())));
    }

    private Uni<Response> begun(Begun job, String what, Caller caller) {
        if (job.anew()) {
            caller.did("job begun", "job", job.id(), "task", what);
        }
        return jobs.find(job.id())
                .map(found -> found.flatMap(runner::view)
                        .map(view -> Response.accepted(view)
                                .header("Location", "/ops/jobs/" + job.id())
                                .build())
                        .orElseGet(Problem::unavailable));
    }

    private static Response tooMany() {
        return Problem.of(409, "too-many-jobs", "Too many jobs are under way: wait for one, or cancel it")
                .response();
    }
}
