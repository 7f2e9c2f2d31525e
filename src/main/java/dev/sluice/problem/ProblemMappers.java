package dev.sluice.problem;

import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

/** Makes a problem of whatever goes wrong around the endpoints. A fault of ours shows in the log, never in the answer. */
public class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    @ServerExceptionMapper
    public Response http(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        return Problem.of(
                        status,
                        "http-" + status,
                        e.getResponse().getStatusInfo().getReasonPhrase())
                .response();
    }

    @ServerExceptionMapper
    public Response method(NotAllowedException e) {
        return Response.fromResponse(http(e))
                .allow(AllowedMethods.of(CurrentRequestManager.get()))
                .build();
    }

    /** The sender went away, or its body grew over the limit and was answered so already. */
    @ServerExceptionMapper
    public Response unread(IOException e) {
        LOG.debug("a request was not read to its end", e);
        return Response.status(Response.Status.REQUEST_ENTITY_TOO_LARGE).build();
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable e) {
        LOG.error("a request failed", e);
        return Problem.of(500, "internal", "Internal Server Error").response();
    }
}
