package dev.sluice.problem;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes a problem of what never reaches an endpoint: paths that nobody serves, bodies that say they are too large. */
@ApplicationScoped
class OutsideRest {
    private static final int NOT_FOUND = 404;
    private static final int TOO_LARGE = 413;
    private static final int BEFORE_ALL = 1_000;

    private final long mostBytes;

    OutsideRest(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        this.mostBytes = limit.asLongValue();
    }

    void filter(@Observes Filters filters) {
        filters.register(this::refuseTooLarge, BEFORE_ALL);
    }

    void route(@Observes Router router) {
        router.route().last().handler(context -> end(context, Problem.of(NOT_FOUND, "not-found", "Not Found")));
    }

    private void refuseTooLarge(RoutingContext context) {
        if (length(context.request()) <= mostBytes) {
            context.next();
            return;
        }
        // The body is not read, so nothing else can come over this connection.
        context.response().putHeader("Connection", "close");
        context.response().endHandler(ended -> context.request().connection().close());
        end(context, Problem.of(TOO_LARGE, "too-large", "The body is larger than this gateway takes"));
    }

    private static long length(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static void end(RoutingContext context, Problem problem) {
        context.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(new JsonObject()
                        .put("type", problem.type())
                        .put("title", problem.title())
                        .put("status", problem.status())
                        .encode());
    }
}
