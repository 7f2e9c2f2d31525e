package dev.sluice.ops;

import dev.sluice.access.Audit;
import dev.sluice.access.Audit.Caller;
import dev.sluice.access.Roles;
import dev.sluice.event.Content;
import dev.sluice.lane.DeadLetterRef;
import dev.sluice.lane.DeadLetters;
import dev.sluice.lane.DeadLetters.DeadLetter;
import dev.sluice.lane.History;
import dev.sluice.lane.LaneSettings;
import dev.sluice.lane.Position;
import dev.sluice.lane.Redrive.To;
import dev.sluice.problem.Problem;
import dev.sluice.target.Targets;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /ops/dead-letters}: where operators look at what was set aside, and put it back or give it up. */
@Path("/ops/dead-letters")
public class DeadLetterResource {
    private static final int MOST_NAMED = 1_000;

    private final DeadLetters letters;
    private final History history;
    private final JobDesk desk;
    private final Targets targets;
    private final LaneSettings settings;
    private final Audit audit;

    DeadLetterResource(
            DeadLetters letters, History history, JobDesk desk, Targets targets, LaneSettings settings, Audit audit) {
        this.letters = letters;
        this.history = history;
        this.desk = desk;
        this.targets = targets;
        this.settings = settings;
        this.audit = audit;
    }

    @GET
    @RolesAllowed(Roles.OPERATE)
    public Uni<Response> list(
            @QueryParam("target") @DefaultValue("") String target,
            @QueryParam("source") @DefaultValue("") String source,
            @QueryParam("since") @DefaultValue("") String since,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @DefaultValue("50") String limit) {
        Query query = new Query();
        int most = query.limit(limit);
        Optional<Position> behind = query.after(after);
        Optional<Long> from = query.moment("since", since);
        query.require(target.isEmpty() || targets.mayBe(target), Query.NO_TARGET);
        query.require(
                source.isEmpty() || settings.orderings().containsKey(source),
                "source must be one of the configuration");
        query.require(target.isEmpty() || source.isEmpty(), "there must be target or source, not both");
        return query.refusal()
                .map(refusal -> Uni.createFrom().item(refusal))
                .orElseGet(() -> letters.list(whose(target, source), from.orElse(0L), behind, most)
                        .map(page -> Response.ok(new DeadLetterView.Page(
                                        page.items().stream()
                                                .map(letter -> DeadLetterView.of(letter, null))
                                                .toList(),
                                        page.next().map(Cursor::text).orElse(null)))
                                .build()));
    }

    @GET
    @Path("{id}")
    @RolesAllowed(Roles.OPERATE)
    public Uni<Response> get(@PathParam("id") String id) {
        return letters.named(id)
                .map(ref -> letters.see(ref)
                        .chain(seen -> seen.map(letter -> withHistory(letter)
                                        .map(whole -> Response.ok(whole).build()))
                                .orElseGet(() -> Uni.createFrom().item(unknown()))))
                .orElseGet(() -> Uni.createFrom().item(unknown()));
    }

    /** As it came, and with the content type that it came with. */
    @GET
    @Path("{id}/body")
    @RolesAllowed(Roles.INSPECT)
    public Uni<Response> body(@PathParam("id") String id) {
        Caller caller = audit.caller();
        return letters.named(id)
                .map(ref -> letters.content(ref)
                        .map(content ->
                                content.map(found -> shown(ref, found, caller)).orElseGet(DeadLetterResource::unknown)))
                .orElseGet(() -> Uni.createFrom().item(unknown()));
    }

    @DELETE
    @Path("{id}")
    @RolesAllowed(Roles.OPERATE)
    public Uni<Response> delete(@PathParam("id") String id) {
        Caller caller = audit.caller();
        return letters.named(id)
                .map(ref -> letters.drop(ref).map(gone -> {
                    if (gone) {
                        caller.did("dead letter deleted", "target", ref.target(), "event", ref.event());
                    }
                    return Response.noContent().build();
                }))
                .orElseGet(() -> Uni.createFrom().item(unknown()));
    }

    @POST
    @Path("redrive")
    @RolesAllowed(Roles.OPERATE)
    public Uni<Response> redrive(byte[] body) {
        Members members = new Members(body, List.of("target", "since", "ids", "rate", "to"));
        Optional<String> target = members.text(
                "target",
                name -> Optional.of(name).filter(targets::mayBe),
                "name one of the configuration, the id of a webhook, or webhooks for all of those");
        Optional<Long> since = members.moment("since");
        List<String> ids = members.texts(
                "ids",
                MOST_NAMED,
                id -> letters.named(id).filter(ref -> !ref.isUnreadable()).map(DeadLetterRef::text),
                "write the ids of dead letters that are meant for a target");
        Optional<Integer> rate = members.rate();
        Optional<To> to = members.text("to", DeadLetterResource::to, "write front or back");
        if (List.of("target", "since", "ids").stream().noneMatch(members::has)) {
            members.fault("target", "nothing tells which dead letters", "add target, since or ids");
        }
        if (!ids.isEmpty() && (target.isPresent() || since.isPresent())) {
            members.fault("ids", "they are not to be with target or since", "leave one of them out");
        }
        return members.refusal()
                .map(refusal -> Uni.createFrom().item(refusal))
                .orElseGet(() -> desk.begin(new Task.Redriving(
                        ids.isEmpty() ? target.map(List::of).orElseGet(targets::all) : List.of(),
                        since.orElse(0L),
                        ids,
                        rate.orElse(null),
                        to.orElse(To.FRONT))));
    }

    private List<String> whose(String target, String source) {
        if (!target.isEmpty()) {
            return List.of(target);
        }
        if (!source.isEmpty()) {
            return List.of(DeadLetterRef.ofSource(source));
        }
        return Stream.concat(
                        targets.all().stream(),
                        settings.orderings().keySet().stream().sorted().map(DeadLetterRef::ofSource))
                .toList();
    }

    private Uni<DeadLetterView> withHistory(DeadLetter letter) {
        DeadLetterRef ref = letter.ref();
        return history.tell(ref.event())
                .map(story -> DeadLetterView.of(
                        letter,
                        story.map(told -> told.targets().stream()
                                        .filter(at -> at.target().equals(ref.target()))
                                        .flatMap(at -> at.attempts().stream())
                                        .map(EventView::attempt)
                                        .toList())
                                .orElse(null)));
    }

    private static Response shown(DeadLetterRef ref, Content content, Caller caller) {
        caller.did("body looked at", "target", ref.target(), "event", ref.event());
        return Response.ok(content.body(), mediaType(content.contentType()))
                // Anybody may have sent it: nothing is to take it for a page.
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "sandbox")
                .build();
    }

    /** What the sender has called it, which may be anything. */
    private static MediaType mediaType(@Nullable String contentType) {
        try {
            return contentType == null ? MediaType.APPLICATION_OCTET_STREAM_TYPE : MediaType.valueOf(contentType);
        } catch (IllegalArgumentException e) {
            return MediaType.APPLICATION_OCTET_STREAM_TYPE;
        }
    }

    private static Optional<To> to(String text) {
        return switch (text) {
            case "front" -> Optional.of(To.FRONT);
            case "back" -> Optional.of(To.BACK);
            default -> Optional.empty();
        };
    }

    private static Response unknown() {
        return Problem.of(404, "unknown-dead-letter", "There is no such dead letter, or not any more")
                .response();
    }
}
