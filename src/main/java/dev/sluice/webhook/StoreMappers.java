package dev.sluice.webhook;

import dev.sluice.lane.LayoutMismatch;
import dev.sluice.problem.Problem;
import dev.sluice.redis.StoreUnavailable;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What callers of the API are answered while Redis is away, full, or holds other data than this gateway was made for. */
public class StoreMappers {

    @ServerExceptionMapper({StoreUnavailable.class, LayoutMismatch.class})
    public Response unavailable(RuntimeException e) {
        return Problem.unavailable();
    }
}
