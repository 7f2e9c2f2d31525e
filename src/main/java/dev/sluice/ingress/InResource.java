package dev.sluice.ingress;

import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** {@code POST /in/{source}}: where senders deliver. Any content type; the body is taken exactly as it came. */
@Path("/in/{source}")
public class InResource {
    private final Ingress ingress;

    InResource(Ingress ingress) {
        this.ingress = ingress;
    }

    /** Whoever may deliver shows it by the signature. */
    @POST
    @PermitAll
    public Uni<Response> post(@PathParam("source") String source, @Context HttpHeaders headers, byte[] body) {
        return ingress.receive(source, headers, body);
    }
}
