package dev.sluice.ingress;

import dev.sluice.problem.Problem;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * {@code POST /in/{source}}: where senders deliver. Any content type; the body is taken exactly as it came. A route and no REST endpoint,
 * which would parse what a sender says of its content, and takes longer for an event than all that is done with it here.
 */
@Singleton
class InRoute {
    private static final Logger LOG = Logger.getLogger(InRoute.class);
    private static final String SOURCE = "source";
    private static final String PATH = "/in/:" + SOURCE;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL = 500;

    /** Of the memory so much is for events that are not answered yet; each is also on its way to Redis and to targets. */
    private static final int PART_FOR_BODIES = 8;

    /** So long a body may take to arrive. */
    private static final Duration TIME_FOR_BODY = Duration.ofSeconds(30);

    /** Before whatever else looks at a request's body. */
    private static final int FIRST = -2_000;

    private final Ingress ingress;
    private final Answers answers;
    private final long mostBytes;
    private final Room room;

    InRoute(
            Ingress ingress,
            Answers answers,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        this.ingress = ingress;
        this.answers = answers;
        this.mostBytes = limit.asLongValue();
        long all = Runtime.getRuntime().maxMemory() / PART_FOR_BODIES;
        if (mostBytes > all) {
            throw new ConfigurationException("quarkus.http.limits.max-body-size is " + mostBytes
                    + ", but all bodies that are not answered yet may have " + all
                    + " bytes, an eighth of the heap: give it a larger heap or take smaller bodies");
        }
        this.room = new Room(all);
    }

    void route(@Observes Router router) {
        router.post(PATH).order(FIRST).handler(this::post);
        router.options(PATH).order(FIRST).handler(InRoute::tellMethods);
        router.route(PATH).order(FIRST + 1).handler(context -> {
            context.response().putHeader("Allow", "POST");
            Problem.of(METHOD_NOT_ALLOWED, "http-405", "Method Not Allowed").end(context.response());
        });
    }

    private void post(RoutingContext context) {
        HttpServerRequest request = context.request();
        String source = context.pathParam(SOURCE);
        Body body = new Body(mostBytes, room, why -> answers.unread(source, why).end(request));
        long timer = context.vertx().setTimer(TIME_FOR_BODY.toMillis(), late -> body.late());
        // First: it may be answered before anything else is done here.
        context.addEndHandler(ended -> {
            context.vertx().cancelTimer(timer);
            body.leave();
        });
        body.read(
                request,
                bytes -> ingress.receive(source, request.headers(), bytes)
                        .subscribe()
                        .with(reply -> reply.end(request), failure -> failed(request, failure)));
    }

    private static void tellMethods(RoutingContext context) {
        context.response().putHeader("Allow", "OPTIONS, POST").end();
    }

    private static void failed(HttpServerRequest request, Throwable failure) {
        LOG.error("an event was not taken", failure);
        Problem.of(INTERNAL, "internal", "Internal Server Error").end(request.response());
    }
}
