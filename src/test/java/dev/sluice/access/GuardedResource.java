package dev.sluice.access;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;

/** An operation of each kind; each answers with the name of the key. */
@Path("/guarded")
public class GuardedResource {
    private final SecurityIdentity caller;

    GuardedResource(SecurityIdentity caller) {
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Roles.MANAGE)
    public Uni<String> look() {
        return name();
    }

    @POST
    @RolesAllowed({Roles.MANAGE, Roles.PUBLISH})
    public Uni<String> change(byte[] body) {
        return name();
    }

    @GET
    @Path("{id}")
    @RolesAllowed(Roles.MANAGE)
    public Uni<String> lookAtOne() {
        return name();
    }

    @GET
    @Path("forgotten/annotation")
    public String open() {
        return "open";
    }

    private Uni<String> name() {
        return Uni.createFrom().item(() -> caller.getPrincipal().getName());
    }
}
