package dev.sluice.access;

import dev.sluice.access.FailedAttempts.Verdict.Limited;
import dev.sluice.event.Story;
import dev.sluice.problem.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** What a caller is answered who may not do what it wants, and what of it goes into log and metrics. */
@ApplicationScoped
public class Denials {
    static final String CHALLENGE = "Bearer";

    private static final Logger LOG = Logger.getLogger(Denials.class);
    private static final int LONGEST_PATH = 200;

    private final FailedAttempts attempts;
    private final SecurityIdentity caller;
    private final MeterRegistry meters;

    Denials(FailedAttempts attempts, SecurityIdentity caller, MeterRegistry meters) {
        this.attempts = attempts;
        this.caller = caller;
        this.meters = meters;
    }

    @ServerExceptionMapper
    public Response missing(UnauthorizedException e, HttpServerRequest request) {
        return failed("missing", request);
    }

    @ServerExceptionMapper
    public Response unknown(AuthenticationFailedException e, HttpServerRequest request) {
        return failed("unknown-key", request);
    }

    @ServerExceptionMapper
    public Response forbidden(ForbiddenException e, HttpServerRequest request) {
        count("role");
        tell("role", request, caller.getPrincipal().getName());
        return Problem.of(403, "forbidden", "The key lacks the role for this").response();
    }

    private Response failed(String reason, HttpServerRequest request) {
        String address = String.valueOf(request.remoteAddress().hostAddress());
        if (attempts.count(address) instanceof Limited limited) {
            count("limited");
            if (limited.begins()) {
                tell("limited", request, null);
            }
            return limited(limited.retryIn());
        }
        count(reason);
        tell(reason, request, null);
        // The same for every reason: whoever tries keys learns nothing.
        return Response.fromResponse(Problem.of(401, "unauthorized", "A valid API key is needed")
                        .response())
                .header("WWW-Authenticate", CHALLENGE)
                .build();
    }

    private static Response limited(Duration retryIn) {
        return Response.fromResponse(Problem.of(429, "too-many-attempts", "Too many attempts without a valid key")
                        .response())
                .header("Retry-After", retryIn.plusMillis(999).toSeconds())
                .build();
    }

    private static void tell(String reason, HttpServerRequest request, @Nullable String key) {
        String path = request.path();
        Story.tell(
                LOG,
                Level.WARN,
                "denied",
                "reason",
                reason,
                "method",
                request.method(),
                "path",
                path.substring(0, Math.min(path.length(), LONGEST_PATH)),
                "key",
                key);
    }

    private void count(String reason) {
        meters.counter("sluice.api.denied", "reason", reason).increment();
    }
}
