package dev.sluice.problem;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes a problem of what never reaches an endpoint: paths that nobody serves, bodies that say they are too large. */
@ApplicationScoped
class OutsideRest {
    private static final int NOT_FOUND = 404;
    private static final int BEFORE_ALL = 1_000;

    private final long mostBytes;

    OutsideRest(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        this.mostBytes = limit.asLongValue();
    }

    void filter(@Observes Filters filters) {
        filters.register(this::refuseTooLarge, BEFORE_ALL);
    }

    void route(@Observes Router router) {
        router.route()
                .last()
                .handler(context ->
                        Problem.of(NOT_FOUND, "not-found", "Not Found").end(context.response()));
    }

    private void refuseTooLarge(RoutingContext context) {
        if (length(context.request()) <= mostBytes) {
            context.next();
            return;
        }
        Problem.tooLarge().endUnread(context.request());
    }

    private static long length(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
