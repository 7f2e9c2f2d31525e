package dev.sluice.ops;

import dev.sluice.access.Audit;
import dev.sluice.access.Audit.Caller;
import dev.sluice.access.Roles;
import dev.sluice.delivery.LaneSwitch;
import dev.sluice.lane.LaneRef;
import dev.sluice.lane.Lanes;
import dev.sluice.lane.Lanes.State;
import dev.sluice.lane.Operate.Operated;
import dev.sluice.lane.Position;
import dev.sluice.problem.Problem;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** {@code /ops/lanes}: where operators find the lanes that are stuck, and set them going or aside. */
@Path("/ops/lanes")
@RolesAllowed(Roles.OPERATE)
public class LaneResource {
    private static final String EVENT = "event";

    private final Lanes lanes;
    private final LaneSwitch power;
    private final Targets targets;
    private final Audit audit;

    LaneResource(Lanes lanes, LaneSwitch power, Targets targets, Audit audit) {
        this.lanes = lanes;
        this.power = power;
        this.targets = targets;
        this.audit = audit;
    }

    @GET
    public Uni<Response> list(
            @QueryParam("target") @DefaultValue("") String target,
            @QueryParam("state") @DefaultValue("") String state,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @DefaultValue("50") String limit) {
        Query query = new Query();
        int most = query.limit(limit);
        Optional<Position> behind = query.after(after);
        Optional<State> wanted =
                query.read(state, LaneResource::state, "state must be ready, leased, waiting or parked");
        query.require(target.isEmpty() || targets.mayBe(target), Query.NO_TARGET);
        Optional<Response> refusal = query.refusal();
        if (refusal.isPresent()) {
            return Uni.createFrom().item(refusal.get());
        }
        List<String> all = target.isEmpty() ? targets.all() : List.of(target);
        return lanes.list(all, wanted, behind, most)
                .map(page -> Response.ok(new LaneView.Page(
                                page.items().stream().map(LaneView::of).toList(),
                                page.next().map(Cursor::text).orElse(null)))
                        .build());
    }

    @GET
    @Path("{id}")
    public Uni<Response> get(@PathParam("id") String id) {
        return lanes.named(id)
                .map(lane -> lanes.see(lane)
                        .map(seen -> seen.map(
                                        there -> Response.ok(LaneView.of(there)).build())
                                .orElseGet(LaneResource::unknown)))
                .orElseGet(() -> Uni.createFrom().item(unknown()));
    }

    @POST
    @Path("{id}/retry")
    public Uni<Response> retry(@PathParam("id") String id) {
        return act(id, "lane retried", power::retry);
    }

    @POST
    @Path("{id}/park")
    public Uni<Response> park(@PathParam("id") String id) {
        return act(id, "lane parked", power::park);
    }

    @POST
    @Path("{id}/resume")
    public Uni<Response> resume(@PathParam("id") String id) {
        return act(id, "lane resumed", power::resume);
    }

    @POST
    @Path("{id}/skip")
    public Uni<Response> skip(@PathParam("id") String id, byte[] body) {
        if (lanes.named(id).isEmpty()) {
            return Uni.createFrom().item(unknown());
        }
        Members members = new Members(body, List.of(EVENT));
        String mend = "name the one that stands first in the lane";
        Optional<String> event = members.text(EVENT, text -> Optional.of(text).filter(name -> !name.isEmpty()), mend);
        if (!members.has(EVENT)) {
            members.fault(EVENT, "it is missing", mend);
        }
        return members.refusal()
                .map(refusal -> Uni.createFrom().item(refusal))
                .orElseGet(() ->
                        act(id, "head skipped", lane -> power.skip(lane, event.orElseThrow()), EVENT, event.get()));
    }

    private Uni<Response> act(String id, String step, Function<LaneRef, Uni<Operated>> action, String... about) {
        Caller caller = audit.caller();
        return lanes.named(id)
                .map(lane -> action.apply(lane).map(operated -> answer(operated, lane, caller, step, about)))
                .orElseGet(() -> Uni.createFrom().item(unknown()));
    }

    private static Response answer(Operated operated, LaneRef lane, Caller caller, String step, String... about) {
        if (operated instanceof Operated.Gone) {
            return unknown();
        }
        if (operated instanceof Operated.IsParked) {
            return Problem.of(409, "lane-parked", "The lane is parked: resume it")
                    .response();
        }
        if (operated instanceof Operated.OtherHead) {
            return Problem.of(409, "other-head", "That event does not stand first in the lane, or not any more")
                    .response();
        }
        String outcome = operated instanceof Operated.Later ? "pending" : "done";
        Object[] fields = Stream.concat(
                        Stream.of("lane", lane.lane(), "target", lane.target(), "outcome", outcome), Stream.of(about))
                .toArray();
        caller.did(step, fields);
        return Response.ok(new LaneView.Acted(lane.text(), outcome)).build();
    }

    private static Optional<State> state(String text) {
        return Stream.of(State.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst();
    }

    private static Response unknown() {
        return Problem.of(404, "unknown-lane", "There is no such lane, or nothing is left in it")
                .response();
    }
}
