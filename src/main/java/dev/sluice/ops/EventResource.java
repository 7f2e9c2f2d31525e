package dev.sluice.ops;

import dev.sluice.access.Roles;
import dev.sluice.lane.Events;
import dev.sluice.lane.Events.Wanted;
import dev.sluice.lane.History;
import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Position;
import dev.sluice.problem.Problem;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** {@code GET /events}: where an event is found, and where it stands. */
@Path("/events")
public class EventResource {
    private final Events events;
    private final History history;
    private final LaneSettings settings;

    EventResource(Events events, History history, LaneSettings settings) {
        this.events = events;
        this.history = history;
        this.settings = settings;
    }

    @GET
    @RolesAllowed(Roles.OPERATE)
    public Uni<Response> find(
            @QueryParam("source") @DefaultValue("") String source,
            @QueryParam("type") @DefaultValue("") String type,
            @QueryParam("orderingKey") @DefaultValue("") String orderingKey,
            @QueryParam("since") @DefaultValue("") String since,
            @QueryParam("until") @DefaultValue("") String until,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @DefaultValue("50") String limit) {
        Query query = new Query();
        int most = query.limit(limit);
        Optional<Position> behind = query.after(after);
        query.require(
                source.isEmpty() || settings.orderings().containsKey(source),
                "source must be one of the configuration");
        Wanted wanted = new Wanted(
                given(source),
                given(type),
                given(orderingKey),
                query.moment("since", since).orElse(0L),
                query.moment("until", until).orElse(Long.MAX_VALUE));
        return query.refusal()
                .map(refusal -> Uni.createFrom().item(refusal))
                .orElseGet(() -> events.find(wanted, behind, most)
                        .map(page -> Response.ok(new FoundEventView.Page(
                                        page.items().stream()
                                                .map(FoundEventView::of)
                                                .toList(),
                                        page.next().map(Cursor::text).orElse(null)))
                                .build()));
    }

    @GET
    @Path("{id}")
    @RolesAllowed({Roles.PUBLISH, Roles.OPERATE})
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

    private static Optional<String> given(String text) {
        return Optional.of(text).filter(some -> !some.isEmpty());
    }
}
