package dev.sluice.webhook;

import dev.sluice.access.Roles;
import dev.sluice.lane.History;
import dev.sluice.problem.Problem;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;

/** {@code GET /events/{id}}: where an event stands. */
@Path("/events/{id}")
@RolesAllowed({Roles.PUBLISH, Roles.OPERATE})
public class EventResource {
    private final History history;

    EventResource(History history) {
        this.history = history;
    }

    @GET
    public Uni<Response> get(@PathParam("id") String id) {
        return history.tell(id)
                .map(story -> story.map(
                                found -> Response.ok(EventView.of(found)).build())
                        .orElseGet(() -> Problem.of(
                                        404,
                                        "unknown-event",
                                        "There is no such event, or its history is not kept any more")
                                .response()));
    }
}
