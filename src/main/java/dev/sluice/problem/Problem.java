package dev.sluice.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.Json;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error, as {@code application/problem+json} (RFC 9457). Tells an unauthenticated caller no more than it sent.
 *
 * @param type a stable name, for programs: {@code urn:sluice:<name>}
 * @param title what went wrong, for people
 * @param status the HTTP status
 * @param errors what is wrong with the request, where that can be told; null where not
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type, String title, int status, @Nullable List<Detail> errors) {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final String RETRY_AFTER = "Retry-After";
    private static final String RETRY_AFTER_SECONDS = "1";
    private static final int UNAVAILABLE = 503;
    private static final long NO_ERROR = 0;

    /**
     * One thing that is wrong.
     *
     * @param pointer JSON Pointer (RFC 6901) to the place in the request's body; empty means the whole
     * @param reason what is wrong with it
     * @param mend what to do about it
     */
    @RegisterForReflection
    public record Detail(String pointer, String reason, String mend) {}

    public static Problem of(int status, String type, String title) {
        return new Problem("urn:sluice:" + type, title, status, null);
    }

    /** A request that cannot be understood, with all that is wrong with it. */
    public static Problem invalid(List<Detail> errors) {
        return new Problem("urn:sluice:invalid", "The request is not as it must be", 400, errors);
    }

    /** A request whose body is larger than {@code quarkus.http.limits.max-body-size}. */
    public static Problem tooLarge() {
        return of(413, "too-large", "The body is larger than this gateway takes");
    }

    /** Nothing can be done now, as Redis did not answer or refused, or as there is too much to do: worth another try. */
    public static Problem busy() {
        return of(UNAVAILABLE, "store-unavailable", "Nothing can be accepted now; try again");
    }

    /** The same as a response. */
    public static Response unavailable() {
        return Response.fromResponse(busy().response())
                .header(RETRY_AFTER, RETRY_AFTER_SECONDS)
                .build();
    }

    public Response response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this).build();
    }

    /** Answers a request with it outside of REST. */
    public Future<Void> end(HttpServerResponse response) {
        if (status == UNAVAILABLE) {
            response.putHeader(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return response.setStatusCode(status)
                .putHeader("Content-Type", MEDIA_TYPE)
                .end(Json.encodeToBuffer(this));
    }

    /** The same where the request's body is not read to its end, so that nothing else can come after it. */
    public void endUnread(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (request.version() == HttpVersion.HTTP_2) {
            // Its connection is others' as well; RFC 9113, 8.1, has the stream end so.
            end(response).onComplete(ended -> response.reset(NO_ERROR));
        } else {
            end(response.putHeader("Connection", "close"))
                    .onComplete(ended -> request.connection().close());
        }
    }
}
