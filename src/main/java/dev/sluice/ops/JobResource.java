package dev.sluice.ops;

import dev.sluice.access.Audit;
import dev.sluice.access.Audit.Caller;
import dev.sluice.access.Roles;
import dev.sluice.fleet.Jobs;
import dev.sluice.fleet.Jobs.Job;
import dev.sluice.fleet.Jobs.State;
import dev.sluice.problem.Problem;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** {@code /ops/jobs}: where operators see how far what takes long has got, and cancel it. */
@Path("/ops/jobs")
@RolesAllowed(Roles.OPERATE)
public class JobResource {
    private final Jobs jobs;
    private final JobRunner runner;
    private final Audit audit;

    JobResource(Jobs jobs, JobRunner runner, Audit audit) {
        this.jobs = jobs;
        this.runner = runner;
        this.audit = audit;
    }

    @GET
    public Uni<JobView.All> list() {
        return jobs.all()
                .map(all -> new JobView.All(
                        all.stream().flatMap(job -> runner.view(job).stream()).toList()));
    }

    @GET
    @Path("{id}")
    public Uni<Response> get(@PathParam("id") String id) {
        return jobs.find(id).map(this::shown);
    }

    /** What it has put into lanes by then stays there. */
    @POST
    @Path("{id}/cancel")
    public Uni<Response> cancel(@PathParam("id") String id) {
        Caller caller = audit.caller();
        return jobs.find(id)
                .invoke(job -> job.filter(found -> found.standing().state() == State.RUNNING)
                        .ifPresent(found -> caller.did("job cancelled", "job", id)))
                .chain(job -> jobs.end(id, State.CANCELLED))
                .chain(standing -> jobs.find(id))
                .map(this::shown);
    }

    private Response shown(Optional<Job> job) {
        return job.flatMap(runner::view)
                .map(view -> Response.ok(view).build())
                .orElseGet(() -> Problem.of(404, "unknown-job", "There is no such job, or it is not told of any more")
                        .response());
    }
}
