package dev.sluice.ops;

import dev.sluice.access.Audit;
import dev.sluice.access.Roles;
import dev.sluice.delivery.TargetSwitch;
import dev.sluice.fleet.Pauses;
import dev.sluice.problem.Problem;
import dev.sluice.target.Target;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.function.Supplier;

/** {@code /ops/targets}: where operators pause targets from configuration, and resume them. */
@Path("/ops/targets")
@RolesAllowed(Roles.OPERATE)
public class TargetResource {
    private final Targets targets;
    private final Pauses pauses;
    private final TargetSwitch power;
    private final Audit audit;

    TargetResource(Targets targets, Pauses pauses, TargetSwitch power, Audit audit) {
        this.targets = targets;
        this.pauses = pauses;
        this.power = power;
        this.audit = audit;
    }

    @GET
    public Uni<TargetView.All> list() {
        return pauses.all()
                .map(paused -> new TargetView.All(targets.configured().stream()
                        .map(Target::name)
                        .sorted()
                        .map(name -> TargetView.of(name, paused.get(name)))
                        .toList()));
    }

    @POST
    @Path("{name}/pause")
    public Uni<Response> pause(@PathParam("name") String name) {
        return change(name, "target paused", () -> power.pause(name, "paused by " + audit.by()));
    }

    @POST
    @Path("{name}/resume")
    public Uni<Response> resume(@PathParam("name") String name) {
        return change(name, "target resumed", () -> power.resume(name));
    }

    private Uni<Response> change(String name, String step, Supplier<Uni<Void>> change) {
        if (targets.configured().stream().noneMatch(target -> target.name().equals(name))) {
            return Uni.createFrom()
                    .item(Problem.of(404, "unknown-target", "There is no such target in the configuration")
                            .response());
        }
        return change.get()
                .invoke(() -> audit.tell(step, "target", name))
                .chain(pauses::all)
                .map(paused ->
                        Response.ok(TargetView.of(name, paused.get(name))).build());
    }
}
