package dev.sluice.ops;

import dev.sluice.access.Audit;
import dev.sluice.access.Audit.Caller;
import dev.sluice.access.Roles;
import dev.sluice.delivery.TargetSwitch;
import dev.sluice.fleet.Pauses;
import dev.sluice.lane.Census;
import dev.sluice.lane.LaneSettings;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * {@code /ops/targets}: where operators see how targets are, pause those from configuration and resume them, and have sent to one once more
 * what it has lost.
 */
@Path("/ops/targets")
@RolesAllowed(Roles.OPERATE)
public class TargetResource {
    private final Targets targets;
    private final Census census;
    private final Pauses pauses;
    private final TargetSwitch power;
    private final JobDesk desk;
    private final LaneSettings settings;
    private final Audit audit;

    TargetResource(
            Targets targets,
            Census census,
            Pauses pauses,
            TargetSwitch power,
            JobDesk desk,
            LaneSettings settings,
            Audit audit) {
        this.targets = targets;
        this.census = census;
        this.pauses = pauses;
        this.power = power;
        this.desk = desk;
        this.settings = settings;
        this.audit = audit;
    }

    @GET
    public Uni<TargetView.All> list() {
        List<String> names =
                targets.configured().stream().map(Target::name).sorted().toList();
        return pauses.all()
                .chain(paused -> census.take(names)
                        .map(counted -> new TargetView.All(
                                IntStream.range(0, names.size())
                                        .mapToObj(i -> TargetView.of(
                                                names.get(i),
                                                paused.get(names.get(i)),
                                                power.circuit(names.get(i)),
                                                counted.targets().get(i)))
                                        .toList(),
                                TargetView.of(
                                        Target.ALL_REGISTERED,
                                        null,
                                        power.circuit(Target.ALL_REGISTERED),
                                        counted.webhooks()))));
    }

    @GET
    @Path("{name}")
    public Uni<Response> get(@PathParam("name") String name) {
        return Optional.ofNullable(targets.named(name))
                .map(target -> see(target).map(view -> Response.ok(view).build()))
                .orElseGet(() -> Uni.createFrom().item(unknown("There is no such target")));
    }

    @POST
    @Path("{name}/pause")
    public Uni<Response> pause(@PathParam("name") String name) {
        return change(name, "target paused", caller -> power.pause(name, "paused by " + caller.key()));
    }

    @POST
    @Path("{name}/resume")
    public Uni<Response> resume(@PathParam("name") String name) {
        return change(name, "target resumed", caller -> power.resume(name));
    }

    /** For one whose receiver has lost what it had taken. */
    @POST
    @Path("{name}/replay")
    public Uni<Response> replay(@PathParam("name") String name, byte[] body) {
        if (targets.named(name) == null) {
            return Uni.createFrom().item(unknown("There is no such target"));
        }
        Members members = new Members(body, List.of("since", "until", "source", "rate"));
        Optional<Long> since = members.moment("since");
        Optional<Long> until = members.moment("until");
        Optional<String> source = members.text(
                "source",
                text -> Optional.of(text).filter(settings.retentions()::containsKey),
                "name one of the configuration that has a retention");
        Optional<Integer> rate = members.rate();
        if (!members.has("since")) {
            members.fault("since", "it is missing", "write from when on, for example 2026-01-31T03:00:00Z");
        }
        if (since.isPresent() && until.isPresent() && until.get() < since.get()) {
            members.fault("until", "it is before since", "write a later time");
        }
        Optional<Response> refusal = members.refusal();
        if (refusal.isPresent()) {
            return Uni.createFrom().item(refusal.get());
        }
        if (settings.retentions().isEmpty()) {
            return Uni.createFrom()
                    .item(Problem.of(
                                    409, "nothing-retained", "No source has a retention: what is delivered is not kept")
                            .response());
        }
        return desk.begin(new Task.Replaying(
                List.of(name), since.orElseThrow(), until.orElse(null), source.orElse(null), rate.orElse(null)));
    }

    private Uni<Response> change(String name, String step, Function<Caller, Uni<Void>> change) {
        Target target = targets.named(name);
        if (target == null || Target.isRegistered(name)) {
            return Uni.createFrom().item(unknown("There is no such target in the configuration"));
        }
        Caller caller = audit.caller();
        return change.apply(caller)
                .invoke(() -> caller.did(step, "target", name))
                .chain(() -> see(target))
                .map(view -> Response.ok(view).build());
    }

    private Uni<TargetView> see(Target target) {
        String name = target.name();
        if (!Target.isRegistered(name)) {
            return pauses.all()
                    .chain(paused -> census.take(List.of(name))
                            .map(counted -> TargetView.of(
                                    name,
                                    paused.get(name),
                                    power.circuit(name),
                                    counted.targets().get(0))));
        }
        return census.stock(name)
                .map(stock -> TargetView.ofWebhook(name, target.enabled(), power.circuit(name), stock));
    }

    private static Response unknown(String title) {
        return Problem.of(404, "unknown-target", title).response();
    }
}
