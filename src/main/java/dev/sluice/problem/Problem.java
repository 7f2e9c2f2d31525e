package dev.sluice.problem;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.core.Response;

/**
 * An error, as {@code application/problem+json} (RFC 9457). Tells an unauthenticated caller no more than it sent.
 *
 * @param type a stable name, for programs: {@code urn:sluice:<name>}
 * @param title what went wrong, for people
 * @param status the HTTP status
 */
@RegisterForReflection
public record Problem(String type, String title, int status) {
    public static final String MEDIA_TYPE = "application/problem+json";

    public static Problem of(int status, String type, String title) {
        return new Problem("urn:sluice:" + type, title, status);
    }

    public Response response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this).build();
    }
}
