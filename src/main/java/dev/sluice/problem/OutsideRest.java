package dev.sluice.problem;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Makes a problem of what never reaches an endpoint: paths that nobody serves, bodies over the size limit. */
@ApplicationScoped
class OutsideRest {
    private static final int NOT_FOUND = 404;
    private static final int TOO_LARGE = 413;

    void route(@Observes Router router) {
        router.errorHandler(
                TOO_LARGE,
                context ->
                        end(context, Problem.of(TOO_LARGE, "too-large", "The body is larger than this gateway takes")));
        router.route().last().handler(context -> end(context, Problem.of(NOT_FOUND, "not-found", "Not Found")));
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
