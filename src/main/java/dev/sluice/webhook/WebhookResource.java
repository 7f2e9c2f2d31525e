package dev.sluice.webhook;

import dev.sluice.access.Audit;
import dev.sluice.access.Audit.Caller;
import dev.sluice.access.Roles;
import dev.sluice.delivery.TargetAddresses;
import dev.sluice.problem.Problem;
import dev.sluice.target.Registry;
import dev.sluice.target.Registry.Registered;
import dev.sluice.target.WebhookSettings;
import dev.sluice.webhook.WebhookRequest.Invalid;
import dev.sluice.webhook.WebhookView.Page;
import dev.sluice.webhook.WebhookView.Rotated;
import dev.sluice.webhook.Webhooks.WithSecret;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /webhooks}: where developers subscribe URLs to events. */
@Path("/webhooks")
@RolesAllowed(Roles.MANAGE)
public class WebhookResource {
    private static final String TARGET = "target";
    private static final int MOST_A_PAGE = 500;

    private static final Fault NOT_PUBLIC = Fault.ofMember(
            "url",
            "it leads to an address that is not public",
            "give another one, or have the operator allow it with sluice.address-guard.allow");

    private final Webhooks webhooks;
    private final Registry registry;
    private final TestSend testSend;
    private final WebhookSettings settings;
    private final TargetAddresses addresses;
    private final Audit audit;

    WebhookResource(
            Webhooks webhooks,
            Registry registry,
            TestSend testSend,
            WebhookSettings settings,
            TargetAddresses addresses,
            Audit audit) {
        this.webhooks = webhooks;
        this.registry = registry;
        this.testSend = testSend;
        this.settings = settings;
        this.addresses = addresses;
        this.audit = audit;
    }

    @POST
    public Uni<Response> register(byte[] body) {
        try {
            WebhookRequest request = WebhookRequest.ofNew(body, settings);
            Caller caller = audit.caller();
            return unlessRefused(
                    request,
                    () -> webhooks.register(request).map(registered -> {
                        caller.did("webhook registered", TARGET, registered.id());
                        return Response.status(Response.Status.CREATED)
                                .header("Location", "/webhooks/" + registered.id())
                                .entity(WebhookView.of(
                                        registered.id(),
                                        registered.webhook(),
                                        registered.secret().text()))
                                .build();
                    }));
        } catch (Invalid e) {
            return answer(invalid(e.faults()));
        }
    }

    @GET
    public Uni<Response> list(
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @DefaultValue("100") String most) {
        int limit = limit(most);
        if (limit < 1 || limit > MOST_A_PAGE) {
            return answer(Problem.of(400, "invalid", "limit must be 1 to " + MOST_A_PAGE)
                    .response());
        }
        return registry.current().map(current -> {
            List<Registered> found = registry.after(after, limit + 1);
            List<WebhookView> page =
                    found.stream().limit(limit).map(WebhookView::of).toList();
            String next = found.size() > limit ? page.get(limit - 1).id() : null;
            return Response.ok(new Page(page, next)).build();
        });
    }

    @GET
    @Path("{id}")
    public Uni<Response> get(@PathParam("id") String id) {
        return registry.current()
                .map(current -> registry.find(id)
                        .map(found -> Response.ok(WebhookView.of(found)).build())
                        .orElseGet(WebhookResource::absent));
    }

    @PATCH
    @Path("{id}")
    public Uni<Response> change(@PathParam("id") String id, byte[] body) {
        try {
            WebhookRequest request = WebhookRequest.ofChange(body, settings);
            Caller caller = audit.caller();
            return registry.current()
                    .chain(() -> unlessRefused(
                            request,
                            () -> webhooks.change(id, request)
                                    .map(changed ->
                                            told(caller, "webhook changed", id, changed.map(WebhookView::of)))));
        } catch (Invalid e) {
            return answer(invalid(e.faults()));
        }
    }

    @DELETE
    @Path("{id}")
    public Uni<Response> unsubscribe(@PathParam("id") String id) {
        Caller caller = audit.caller();
        return registry.current().chain(() -> webhooks.unsubscribe(id)).map(done -> {
            if (!done) {
                return absent();
            }
            caller.did("webhook unsubscribed", TARGET, id);
            return Response.noContent().build();
        });
    }

    @POST
    @Path("{id}/secret")
    public Uni<Response> rotate(@PathParam("id") String id) {
        Caller caller = audit.caller();
        return registry.current()
                .chain(() -> webhooks.rotate(id))
                .map(rotated -> told(caller, "webhook secret rotated", id, rotated.map(WebhookResource::rotated)));
    }

    @POST
    @Path("{id}/test")
    public Uni<Response> test(@PathParam("id") String id) {
        Caller caller = audit.caller();
        return registry.current()
                .chain(() -> registry.find(id).isEmpty()
                        ? answer(absent())
                        : testSend.send(id).map(answer -> {
                            caller.did("webhook tested", TARGET, id);
                            return Response.accepted(answer).build();
                        }));
    }

    private Uni<Response> unlessRefused(WebhookRequest request, Supplier<Uni<Response>> then) {
        return request.url()
                .map(addresses::mayBeSentTo)
                .orElseGet(() -> Uni.createFrom().item(true))
                .chain(may -> may ? then.get() : answer(invalid(List.of(NOT_PUBLIC))));
    }

    /** Text, because REST answers 404 to a parameter that is no number. */
    private static int limit(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static Rotated rotated(WithSecret rotated) {
        return new Rotated(rotated.secret().text(), rotated.webhook().previousValidUntil());
    }

    private static Response told(Caller caller, String step, String id, Optional<?> result) {
        if (result.isEmpty()) {
            return absent();
        }
        caller.did(step, TARGET, id);
        return Response.ok(result.get()).build();
    }

    private static Response absent() {
        return Problem.of(404, "unknown-webhook", "There is no such webhook").response();
    }

    private static Response invalid(List<Fault> faults) {
        return Problem.invalid(Fault.errors(faults)).response();
    }

    private static Uni<Response> answer(@Nullable Response response) {
        return Uni.createFrom().item(response);
    }
}
