package dev.sluice.ingress;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * What REST would decide about an event by itself. It would answer 400 to a Content-Type that it cannot parse, and a sender
 * would hold its stream for it: it is shown bytes, and the sender's own words travel beside them. And it refuses what is too
 * large before anyone could tell.
 */
@Singleton
class AroundRest {
    /** Under this header the sender's Content-Type comes to {@link InResource}; what a sender puts there itself is dropped. */
    static final String CONTENT_TYPE = "Sluice-Content-Type";

    private static final String PATH = "/in/";
    private static final int TOO_LARGE = 413;
    private static final int BEFORE_ALL = 2_000;

    private final Answers answers;

    AroundRest(Answers answers) {
        this.answers = answers;
    }

    void filter(@Observes Filters filters) {
        filters.register(this::around, BEFORE_ALL);
    }

    private void around(RoutingContext context) {
        if (context.request().path().startsWith(PATH)) {
            MultiMap headers = context.request().headers();
            String said = headers.get("Content-Type");
            headers.remove(CONTENT_TYPE);
            if (said != null) {
                headers.set(CONTENT_TYPE, said).set("Content-Type", "application/octet-stream");
            }
            context.addHeadersEndHandler(answered -> {
                if (context.response().getStatusCode() == TOO_LARGE) {
                    answers.tooLarge(context.request().path().substring(PATH.length()));
                }
            });
        }
        context.next();
    }
}
