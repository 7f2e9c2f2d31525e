package dev.sluice.dev;

import dev.sluice.signature.SignatureScheme;
import dev.sluice.signature.SigningKey;
import dev.sluice.signature.Verifier;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.UniHelper;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The target of the demo: a server with a port of its own, so that it can be killed and started again while the gateway runs.
 * Shows the last arrivals in the log and under {@code GET /demo}.
 */
@Path("/demo")
@PermitAll
@Produces(MediaType.TEXT_PLAIN)
@Singleton
@IfBuildProfile("dev")
public class DemoTarget {
    private static final Logger LOG = Logger.getLogger(DemoTarget.class);
    private static final int PORT = 8081;
    private static final int REMEMBERED = 1_000;

    private final Vertx vertx;
    private final Verifier verifier =
            new Verifier(SignatureScheme.OPTONDEMAND, List.of(SigningKey.ofText("demo-target-secret")));
    private final Deque<String> arrivals = new ConcurrentLinkedDeque<>();
    private volatile @Nullable HttpServer server;

    DemoTarget(Vertx vertx) {
        this.vertx = vertx;
    }

    void onStart(@Observes StartupEvent started) {
        start().subscribe().with(LOG::info, failure -> LOG.warnf("the demo target does not start: %s", failure));
    }

    @GET
    public String arrivals() {
        return arrivals.isEmpty() ? "nothing has arrived yet\n" : String.join("\n", arrivals) + "\n";
    }

    @POST
    @Path("/start")
    public Uni<String> start() {
        if (server != null) {
            return Uni.createFrom().item("the demo target is running\n");
        }
        HttpServer starting = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> arrived(request, body)));
        server = starting;
        return UniHelper.toUni(starting.listen(PORT, "localhost"))
                .onFailure()
                .invoke(() -> server = null)
                .map(listening -> "the demo target listens on port " + PORT + "\n");
    }

    @POST
    @Path("/stop")
    public Uni<String> stop() {
        HttpServer stopping = server;
        server = null;
        return stopping == null
                ? Uni.createFrom().item("the demo target is not running\n")
                : UniHelper.toUni(stopping.close()).map(closed -> "the demo target is gone\n");
    }

    private void arrived(HttpServerRequest request, Buffer body) {
        String signature = verifier.verify(
                        request.headers().getAll(verifier.scheme().header()), body.getBytes())
                .name();
        String arrival = "%s %s sequence %s attempt %s signature %s %s"
                .formatted(
                        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS),
                        request.getHeader("Webhook-Event"),
                        request.getHeader("Webhook-Sequence"),
                        request.getHeader("Webhook-Attempt"),
                        signature,
                        body);
        LOG.infof("arrived: %s", arrival);
        arrivals.addLast(arrival);
        if (arrivals.size() > REMEMBERED) {
            arrivals.removeFirst();
        }
        request.response().end();
    }
}
