package dev.sluice.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.Audit;
import dev.sluice.access.Roles;
import dev.sluice.delivery.LaneSwitch;
import dev.sluice.lane.LaneRef;
import dev.sluice.lane.Lanes;
import dev.sluice.lane.Lanes.Place;
import dev.sluice.lane.Lanes.State;
import dev.sluice.lane.Operate.Operated;
import dev.sluice.problem.Problem;
import dev.sluice.target.Target;
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
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** {@code /ops/lanes}: where operators find the lanes that are stuck, and set them going or aside. */
@Path("/ops/lanes")
@RolesAllowed(Roles.OPERATE)
public class LaneResource {
    private static final int MOST_A_PAGE = 200;

    private final Lanes lanes;
    private final LaneSwitch power;
    private final Targets targets;
    private final Audit audit;
    private final ObjectMapper json;

    LaneResource(Lanes lanes, LaneSwitch power, Targets targets, Audit audit, ObjectMapper json) {
        this.lanes = lanes;
        this.power = power;
        this.targets = targets;
        this.audit = audit;
        this.json = json;
    }

    @GET
    public Uni<Response> list(
            @QueryParam("target") @DefaultValue("") String target,
            @QueryParam("state") @DefaultValue("") String state,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @DefaultValue("50") String limit) {
        int most = number(limit);
        Optional<State> wanted = Stream.of(State.values())
                .filter(each -> name(each).equals(state))
                .findFirst();
        Optional<Place> behind = LaneCursor.read(after);
        if (most < 1 || most > MOST_A_PAGE) {
            return invalid("limit must be 1 to " + MOST_A_PAGE);
        }
        if (!state.isEmpty() && wanted.isEmpty()) {
            return invalid("state must be ready, leased, waiting or parked");
        }
        if (!after.isEmpty() && behind.isEmpty()) {
            return invalid("after must be what the page before called next");
        }
        if (!target.isEmpty() && targets.named(target) == null && !Target.isRegistered(target)) {
            return invalid("target must be one of the configuration, or the id of a webhook");
        }
        List<String> all = target.isEmpty()
                ? targets.configured().stream().map(Target::name).sorted().toList()
                : List.of(target);
        return lanes.list(all, wanted, behind, most)
                .map(page -> Response.ok(new LaneView.Page(
                                page.lanes().stream().map(LaneView::of).toList(),
                                page.next().map(LaneCursor::text).orElse(null)))
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
        return event(body)
                .map(event -> act(id, "head skipped", lane -> power.skip(lane, event), "event", event))
                .orElseGet(() -> Uni.createFrom()
                        .item(Problem.invalid(List.of(new Problem.Detail(
                                        "/event", "it names no event", "name the one that stands first in the lane")))
                                .response()));
    }

    private Uni<Response> act(String id, String step, Function<LaneRef, Uni<Operated>> action, String... about) {
        return lanes.named(id)
                .map(lane -> action.apply(lane).map(operated -> answer(operated, lane, step, about)))
                .orElseGet(() -> Uni.createFrom().item(unknown()));
    }

    private Response answer(Operated operated, LaneRef lane, String step, String... about) {
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
        audit.tell(step, fields);
        return Response.ok(new LaneView.Acted(lane.text(), outcome)).build();
    }

    private Optional<String> event(byte[] body) {
        try {
            JsonNode event = json.readTree(body).path("event");
            return event.isTextual() && !event.asText().isEmpty() ? Optional.of(event.asText()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Text, because REST answers 404 to a parameter that is no number. */
    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String name(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static Uni<Response> invalid(String what) {
        return Uni.createFrom().item(Problem.of(400, "invalid", what).response());
    }

    private static Response unknown() {
        return Problem.of(404, "unknown-lane", "There is no such lane, or nothing is left in it")
                .response();
    }
}
