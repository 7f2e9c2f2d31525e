package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guard of the API, seen from outside, on operations that stand for all. */
@QuarkusTest
@TestProfile(AccessTest.Setting.class)
class AccessTest {
    private static final String MANAGER = "a-key-that-may-manage";
    private static final String PUBLISHER = "a-key-that-may-publish";
    private static final String OTHER = "a-key-that-nobody-has";
    private static final String UNAUTHORIZED =
            "{\"type\":\"urn:sluice:unauthorized\",\"title\":\"A valid API key is needed\",\"status\":401}";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TestHTTPResource
    URI gateway;

    @Inject
    SettableClock clock;

    @Inject
    MeterRegistry meters;

    private final Told told = new Told();

    /** A gateway with two keys. */
    public static class Setting extends GuardedGateway {
        public Setting() {
            admit("manager", "manage,operate", "the-one-before", MANAGER);
            admit("publisher", "publish", PUBLISHER);
        }
    }

    /** What the guard said: the fields of its lines, as text. */
    private static final class Told extends Handler {
        final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        public void publish(LogRecord line) {
            Map<String, String> fields = ((ExtLogRecord) line).getMdcCopy();
            fields.keySet().retainAll(Set.of("reason", "method", "path", "key"));
            lines.add(line.getMessage() + " " + new TreeMap<>(fields));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void nobodyIsLimitedAndAllIsHeard() {
        clock.pass(Duration.ofHours(1));
        Logger.getLogger(Denials.class.getName()).addHandler(told);
    }

    @AfterEach
    void hearNoMore() {
        Logger.getLogger(Denials.class.getName()).removeHandler(told);
    }

    @Test
    void aKeyWithTheRoleOpensAndTheOperationLearnsItsName() {
        for (String header :
                List.of("Bearer " + MANAGER, "bearer " + MANAGER, "BEARER   " + MANAGER, "Bearer the-one-before")) {
            HttpResponse<String> answer = get("/guarded", header);
            assertThat(answer.statusCode()).as(header).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("manager");
        }
        assertThat(post("/guarded", "Bearer " + PUBLISHER).body()).isEqualTo("publisher");
        assertThat(told.lines).isEmpty();
    }

    @Test
    void withoutAKeyItStaysShut() {
        double before = denied("missing");
        assertUnauthorized(get("/guarded"));
        assertUnauthorized(post("/guarded"));
        assertUnauthorized(get("/guarded/17"));
        assertThat(denied("missing")).isEqualTo(before + 3);
        assertThat(told.lines)
                .containsExactly(
                        "denied {method=GET, path=/guarded, reason=missing}",
                        "denied {method=POST, path=/guarded, reason=missing}",
                        "denied {method=GET, path=/guarded/17, reason=missing}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "Basic YS1rZXktdGhhdC1tYXktbWFuYWdlOg==",
                "Basic " + MANAGER,
                "Bearer" + MANAGER,
                "Token " + MANAGER,
                MANAGER,
                "Digest x"
            })
    void anotherSchemeIsNoKey(String header) {
        double before = denied("missing");
        assertUnauthorized(get("/guarded", header));
        assertThat(denied("missing")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {OTHER, MANAGER + "x", "manager", "a-key-that-may-manag", MANAGER + "," + PUBLISHER, "a b"})
    void anotherKeyDoesNotOpen(String key) {
        double before = denied("unknown-key");
        assertUnauthorized(get("/guarded", "Bearer " + key));
        assertThat(denied("unknown-key")).isEqualTo(before + 1);
        assertThat(told.lines).containsExactly("denied {method=GET, path=/guarded, reason=unknown-key}");
    }

    @Test
    void twoHeadersAreNotTaken() {
        assertUnauthorized(get("/guarded", "Bearer " + MANAGER, "Bearer " + MANAGER));
        assertUnauthorized(get("/guarded", "Bearer " + MANAGER, "Bearer " + OTHER));
        assertUnauthorized(get("/guarded", "Basic x", "Bearer " + MANAGER));
    }

    @Test
    void aKeyWithoutTheRoleIsForbiddenAndNamed() {
        double before = denied("role");
        HttpResponse<String> answer = get("/guarded", "Bearer " + PUBLISHER);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"urn:sluice:forbidden\"");
        assertThat(denied("role")).isEqualTo(before + 1);
        assertThat(told.lines).containsExactly("denied {key=publisher, method=GET, path=/guarded, reason=role}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//guarded",
                "///guarded",
                "/guarded/",
                "/guarded//",
                "/guarded;x",
                "/guarded;x=1",
                "/;x/guarded",
                "/./guarded",
                "/guarded/.",
                "/x/../guarded",
                "/guarded/../guarded",
                "/../guarded",
                "/guarded/..",
                "/in/..;/guarded",
                "/in/%2e%2e/guarded",
                "/in/..%2Fguarded",
                "/%67uarded",
                "/gu%61rded",
                "/gu%61rded%3Bx",
                "/guarded%3B",
                "/guarded%3Bx",
                "/guarded%3b/x",
                "/guarded%2F",
                "/guarded%2Fx",
                "/%2Fguarded",
                "/guarded%00",
                "/guarded%20",
                "/guarded%5C",
                "/GUARDED",
                "/Guarded",
                "/guarded/x;y",
                "/guarded/%3B",
                "/guarded/x%2Fy",
                "/guarded?x=/in/shop",
                "/guarded/forgotten/annotation"
            })
    void noSpellingOfThePathOpensIt(String path) {
        boolean there = get(path, "Bearer " + MANAGER).statusCode() == 200;
        for (String[] headers : new String[][] {{}, {"Bearer " + OTHER}}) {
            HttpResponse<String> answer = get(path, headers);
            if (there) {
                assertUnauthorized(answer);
            } else {
                assertThat(answer.statusCode()).isBetween(400, 499);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"HEAD,401", "TRACE,405", "PUT,405", "DELETE,405", "PATCH,405", "post,405", "get,405", "MANAGE,405"})
    void noMethodOpensIt(String method, int status) {
        HttpResponse<String> answer = send(request("/guarded").method(method, BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void optionsTellsTheMethodsAndRunsNothing() {
        HttpResponse<String> answer = send(request("/guarded").method("OPTIONS", BodyPublishers.noBody()));
        assertThat(answer.headers().firstValue("Allow")).isPresent();
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void anOperationThatDoesNotSayWhoMayCallItIsShut() {
        assertUnauthorized(get("/guarded/forgotten/annotation"));
        assertThat(get("/guarded/forgotten/annotation", "Bearer " + MANAGER).statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"/guarded,'GET, HEAD, POST'", "/guarded/17,'GET, HEAD'", "/in/shop,'POST'"})
    void aMethodThatIsNotThereIsToldWithThoseThatAre(String path, String allowed) {
        HttpResponse<String> answer = send(request(path).PUT(BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().allValues("Allow")).containsExactly(allowed);
        assertThat(answer.body()).contains("\"urn:sluice:http-405\"");
    }

    @Test
    void tooManyFailuresAreLimitedButAValidKeyPasses() {
        double before = denied("limited");
        for (int i = 0; i < 10; i++) {
            assertUnauthorized(get("/guarded"));
            assertUnauthorized(get("/guarded", "Bearer " + OTHER));
        }
        told.lines.clear();
        assertLimited(get("/guarded"));
        assertLimited(get("/guarded", "Bearer " + OTHER));
        assertThat(denied("limited")).isEqualTo(before + 2);
        assertThat(told.lines).containsExactly("denied {method=GET, path=/guarded, reason=limited}");

        assertThat(get("/guarded", "Bearer " + MANAGER).statusCode()).isEqualTo(200);
        assertThat(get("/guarded", "Bearer " + PUBLISHER).statusCode()).isEqualTo(403);

        clock.pass(Duration.ofMinutes(1));
        assertUnauthorized(get("/guarded"));
    }

    @Test
    void aPathInTheLogIsCutAndHasNoQuery() {
        assertUnauthorized(get("/guarded/" + "x".repeat(300) + "?key=" + MANAGER));
        assertThat(told.lines)
                .containsExactly("denied {method=GET, path=/guarded/" + "x".repeat(191) + ", reason=missing}");
    }

    @Test
    void aSendersOwnAuthorizationIsNoneOfItsBusiness() {
        assertThat(post("/in/nobody", "Bearer " + OTHER, "Basic x").statusCode())
                .isEqualTo(404);
        assertThat(told.lines).isEmpty();
    }

    private static void assertUnauthorized(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().allValues("WWW-Authenticate")).containsExactly("Bearer");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).isEqualTo(UNAUTHORIZED);
    }

    private static void assertLimited(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().allValues("Retry-After")).containsExactly("60");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"urn:sluice:too-many-attempts\"");
    }

    private double denied(String reason) {
        Counter counter = meters.find("sluice.api.denied").tag("reason", reason).counter();
        return counter == null ? 0 : counter.count();
    }

    private HttpResponse<String> get(String path, String... authorization) {
        return send(request(path, authorization));
    }

    private HttpResponse<String> post(String path, String... authorization) {
        return send(request(path, authorization).POST(BodyPublishers.ofString("x")));
    }

    private HttpRequest.Builder request(String path, String... authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + gateway.getAuthority() + path));
        for (String value : authorization) {
            request.header("Authorization", value);
        }
        return request.timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
