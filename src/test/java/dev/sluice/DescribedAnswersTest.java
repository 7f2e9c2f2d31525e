package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.sluice.ApiDescription.Body;
import dev.sluice.ApiDescription.Operation;
import dev.sluice.access.GuardedGateway;
import dev.sluice.access.Roles;
import dev.sluice.access.SettableClock;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** META-INF/openapi.yaml, held against a gateway: it takes each request that is shown, and answers each answer that is named. */
@QuarkusTest
@TestProfile(DescribedAnswersTest.Setting.class)
class DescribedAnswersTest {
    private static final String SECRET = "a-secret-of-a-sender";
    private static final String LIKE_SHOP = "sluice.sources.shop.";
    private static final String LIKE_STRICT = "sluice.sources.strict.";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is sent where an operation takes no body. */
    private static final Body NOTHING =
            new Body("*/*", JSON.missingNode(), Map.of("", JSON.getNodeFactory().textNode("")));

    /** What each operation refuses with a 400, so that every example of one is seen. A new operation says it here. */
    private static final Map<String, List<String>> REFUSED = Map.ofEntries(
            Map.entry("POST /webhooks", List.of("{", "{\"url\":\"https://me:pw@shop.example/\",\"events\":[]}")),
            Map.entry("PATCH /webhooks/{id}", List.of("{", "{\"url\":\"https://me:pw@shop.example/\",\"events\":[]}")),
            Map.entry("GET /webhooks", List.of("?limit=0")),
            Map.entry("GET /ops/lanes", List.of("?limit=0", "?state=stuck", "?after=x", "?target=nobody")),
            Map.entry("POST /ops/lanes/{id}/skip", List.of("{}")),
            Map.entry(
                    "GET /ops/dead-letters",
                    List.of(
                            "?limit=0",
                            "?after=x",
                            "?target=nobody",
                            "?source=nobody",
                            "?since=now",
                            "?target=erp&source=shop")),
            Map.entry("POST /ops/dead-letters/redrive", List.of("{}")),
            Map.entry("POST /ops/targets/{name}/replay", List.of("{}")),
            Map.entry("GET /events", List.of("?limit=0", "?after=x", "?source=nobody", "?since=now", "?until=now")),
            Map.entry("POST /events", List.of("{", "{\"data\":1,\"orderId\":\"4711\"}")),
            Map.entry("POST /in/{source}", List.of("no JSON")));

    @TestHTTPResource
    URI gateway;

    @Inject
    SettableClock clock;

    @ConfigProperty(name = "quarkus.redis.hosts")
    URI redis;

    private final ApiDescription api = ApiDescription.read();

    /** A gateway with a key for each role, a policy and two sources: one that keeps what it cannot read, one that refuses it. */
    public static class Setting extends GuardedGateway {
        public Setting() {
            set("sluice.policies.patient.timeout", "20s");
            set("sluice.targets.erp.url", "http://127.0.0.1:1/");
            set(LIKE_STRICT + "unreadable", "reject");
            set(LIKE_SHOP + "history", "1h");
            set(LIKE_SHOP + "retention", "1h");
            for (String source : List.of(LIKE_SHOP, LIKE_STRICT)) {
                set(source + "scheme", "optondemand");
                set(source + "secrets", SECRET);
                set(source + "ordering-key", "/data/orderId");
            }
            Roles.ALL.forEach(role -> admit(role, role, key(role)));
        }
    }

    @BeforeEach
    void nobodyIsLimited() {
        clock.pass(Duration.ofHours(1));
    }

    @Test
    void isServedToAnybodyAsYamlAndAsJson() throws IOException {
        HttpResponse<String> yaml = send(request("GET", "/q/openapi"));
        assertThat(yaml.headers().firstValue("Content-Type")).hasValue("application/yaml;charset=UTF-8");
        assertThat(new ObjectMapper(new YAMLFactory()).readTree(yaml.body())).isEqualTo(api.document());

        HttpResponse<String> json = send(request("GET", "/q/openapi").header("Accept", "application/json"));
        assertThat(json.headers().firstValue("Content-Type")).hasValue("application/json;charset=UTF-8");
        assertThat(JSON.readTree(json.body()))
                .isEqualTo(JSON.readTree(api.document().toString()));
    }

    @Test
    void theGatewayTakesEachRequestThatIsShown() {
        for (Operation operation : api.operations()) {
            List<Body> bodies = operation.request().isEmpty() ? List.of(NOTHING) : operation.request();
            for (Body body : bodies) {
                body.examples().values().forEach(example -> {
                    byte[] bytes = Body.text(example).getBytes(StandardCharsets.UTF_8);
                    assertAnswer(operation, success(operation), send(request(operation, body.mediaType(), bytes)));
                });
            }
        }
    }

    @Test
    void withoutAKeyAndWithOneThatLacksTheRole() {
        for (Operation operation : api.operations()) {
            if (operation.roles().isEmpty()) {
                continue;
            }
            clock.pass(Duration.ofHours(1));
            assertAnswer(operation, 401, send(request(operation.method(), unknown(operation))));
            String other = Roles.ALL.stream()
                    .filter(role -> !operation.roles().contains(role))
                    .findFirst()
                    .orElseThrow();
            assertAnswer(operation, 403, send(request(operation.method(), unknown(operation), other)));
        }
    }

    @Test
    void afterTooManyAttempts() {
        for (int i = 0; i <= 20; i++) {
            send(request("GET", "/webhooks"));
        }
        for (Operation operation : api.operations()) {
            if (!operation.roles().isEmpty()) {
                assertAnswer(operation, 429, send(request(operation.method(), unknown(operation))));
            }
        }
    }

    @Test
    void forWhatIsNotThere() {
        for (Operation operation : api.operations()) {
            if (operation.statuses().contains(404)) {
                String body = operation.request().isEmpty() ? "" : "{}";
                assertAnswer(
                        operation,
                        404,
                        send(request(operation.method(), unknown(operation), roles(operation))
                                .method(operation.method(), BodyPublishers.ofString(body))));
            }
        }
    }

    @Test
    void forWhatIsNotAsItMustBe() {
        for (Operation operation : api.operations()) {
            if (!operation.statuses().contains(400)) {
                continue;
            }
            assertThat(REFUSED).as("what is refused with a 400").containsKey(operation.toString());
            Set<JsonNode> seen = new LinkedHashSet<>();
            for (String refused : REFUSED.get(operation.toString())) {
                boolean query = refused.startsWith("?");
                String path = real(operation).replace("/in/shop", "/in/strict") + (query ? refused : "");
                byte[] body = query ? new byte[0] : refused.getBytes(StandardCharsets.UTF_8);
                seen.add(assertAnswer(
                        operation,
                        400,
                        send(request(operation.method(), path, roles(operation))
                                .header("X-Signature", signature(body))
                                .method(operation.method(), BodyPublishers.ofByteArray(body)))));
            }
            assertThat(seen)
                    .as("examples of the 400 of %s", operation)
                    .containsExactlyInAnyOrderElementsOf(
                            operation.answerBodies(400).get(0).examples().values());
        }
    }

    @Test
    void withASignatureThatDoesNotFit() {
        Operation operation = api.operation("POST /in/{source}");
        assertAnswer(operation, 401, send(request("POST", "/in/shop").POST(BodyPublishers.ofString("forged"))));
    }

    @Test
    void forAnotherRequestUnderOneIdempotencyKey() {
        Operation operation = api.operation("POST /events");
        for (int amount : new int[] {1, 1, 2}) {
            HttpResponse<String> answer = send(request("POST", "/events", Roles.PUBLISH)
                    .header("Idempotency-Key", "order-4711-paid")
                    .POST(BodyPublishers.ofString("{\"event\":\"ORDER_PAID\",\"data\":" + amount + "}")));
            assertAnswer(operation, amount == 1 ? 202 : 422, answer);
        }
    }

    @Test
    void forALaneThatIsParkedAndForAnotherHead() {
        String lane = real(api.operation("POST /ops/lanes/{id}/park"));
        assertAnswer(
                api.operation("POST /ops/lanes/{id}/park"),
                200,
                send(request("POST", lane, Roles.OPERATE).method("POST", BodyPublishers.noBody())));
        assertAnswer(
                api.operation("POST /ops/lanes/{id}/retry"),
                409,
                send(request("POST", lane.replace("/park", "/retry"), Roles.OPERATE)));
        assertAnswer(
                api.operation("POST /ops/lanes/{id}/skip"),
                409,
                send(request("POST", lane.replace("/park", "/skip"), Roles.OPERATE)
                        .POST(BodyPublishers.ofString("{\"event\":\"0-another-1\"}"))));
    }

    @Test
    void forABodyThatIsTooLarge() throws IOException {
        for (Operation operation : api.operations()) {
            if (operation.statuses().contains(413)) {
                try (Socket socket = new Socket(gateway.getHost(), gateway.getPort())) {
                    socket.getOutputStream()
                            .write((operation.method() + " " + unknown(operation)
                                            + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertThat(answer).startsWith("HTTP/1.1 413 ");
                    assertThat(shown(operation, 413)).contains(json(answer.split("\r\n\r\n", 2)[1]));
                }
            }
        }
    }

    @Test
    void whileRedisIsAway() throws Exception {
        Map<Operation, HttpRequest> requests = new HashMap<>();
        for (Operation operation : api.operations()) {
            Body body = operation.request().stream().findFirst().orElse(NOTHING);
            byte[] bytes = Body.text(body.examples().values().iterator().next()).getBytes(StandardCharsets.UTF_8);
            requests.put(operation, request(operation, body.mediaType(), bytes).build());
        }
        String pid = pid();
        signal("STOP", pid);
        try {
            // What a gateway knows of the webhooks is good for a while.
            await().atMost(Duration.ofSeconds(20)).until(this::webhooks, status -> status == 503);
            Map<Operation, CompletableFuture<HttpResponse<String>>> answers = new HashMap<>();
            requests.forEach(
                    (operation, request) -> answers.put(operation, HTTP.sendAsync(request, BodyHandlers.ofString())));
            answers.forEach((operation, answer) -> assertAnswer(operation, 503, answer.join()));
        } finally {
            signal("CONT", pid);
            await().until(this::webhooks, status -> status == 200);
        }
    }

    private int webhooks() {
        return send(request("GET", "/webhooks", Roles.MANAGE)).statusCode();
    }

    /** Holds an answer against what is said of it; an error must be one of those that are shown, to the letter. */
    private JsonNode assertAnswer(Operation operation, int status, HttpResponse<String> answer) {
        String what = operation + ": " + answer.body();
        assertThat(answer.statusCode()).as(what).isEqualTo(status);
        assertThat(operation.statuses()).as("answers of %s", operation).contains(status);
        operation
                .answerHeaders(status)
                .forEach((name, header) -> assertThat(api.misfits(
                                header.path("schema"),
                                value(header, answer.headers().firstValue(name).orElse(""))))
                        .as("%s of the %s of %s", name, status, operation)
                        .isEmpty());
        List<Body> bodies = operation.answerBodies(status);
        if (bodies.isEmpty()) {
            assertThat(answer.body()).as(what).isEmpty();
            return JSON.missingNode();
        }
        assertThat(answer.headers().firstValue("Content-Type").orElse("").split(";")[0])
                .as(what)
                .isEqualTo(bodies.get(0).mediaType().replace("*/*", "application/vnd.shop+json"));
        JsonNode body = json(answer.body());
        assertThat(api.misfits(bodies.get(0).schema(), body)).as(what).isEmpty();
        if (status >= 400) {
            assertThat(shown(operation, status)).as(what).contains(body);
        }
        return body;
    }

    private static List<JsonNode> shown(Operation operation, int status) {
        return new ArrayList<>(operation.answerBodies(status).get(0).examples().values());
    }

    private static int success(Operation operation) {
        return operation.statuses().iterator().next();
    }

    /**
     * An example is shown to go to shop.example, which is nobody: here it goes where nobody listens. One that names the head of a lane
     * names that of a real one.
     */
    private HttpRequest.Builder request(Operation operation, String mediaType, byte[] body) {
        if (operation.path().endsWith("/skip")) {
            JsonNode lane = stuckLane();
            return request(
                            "POST",
                            operation.path().replace("{id}", lane.path("id").asText()),
                            roles(operation))
                    .POST(BodyPublishers.ofString("{\"event\":" + lane.path("head") + "}"));
        }
        HttpRequest.Builder request = request(operation.method(), real(operation), roles(operation))
                .method(operation.method(), BodyPublishers.ofByteArray(body));
        request.header("Content-Type", mediaType.replace("*/*", "application/json"));
        if (operation.roles().isEmpty()) {
            request.header("X-Signature", signature(body));
        }
        return request;
    }

    /** The path of something that is there. Where a new kind of path begins, this is where to make what it leads to. */
    private String real(Operation operation) {
        String path = operation.path();
        if (path.startsWith("/webhooks/{id}")) {
            HttpResponse<String> registered = send(request("POST", "/webhooks", Roles.MANAGE)
                    .POST(BodyPublishers.ofString("{\"url\":\"http://127.0.0.1:1/\",\"events\":[\"NONE\"]}")));
            path = path.replace("{id}", json(registered.body()).path("id").asText());
        }
        if (path.startsWith("/events/{id}")) {
            HttpResponse<String> published = send(request("POST", "/events", Roles.PUBLISH)
                    .POST(BodyPublishers.ofString("{\"event\":\"NONE\",\"data\":1}")));
            path = path.replace("{id}", json(published.body()).path("id").asText());
        }
        if (path.startsWith("/ops/lanes/{id}")) {
            path = path.replace("{id}", stuckLane().path("id").asText());
        }
        if (path.startsWith("/ops/dead-letters/{id}")) {
            path = path.replace("{id}", deadLetter());
        }
        if (path.startsWith("/ops/jobs/{id}")) {
            path = path.replace("{id}", json(send(redrive()).body()).path("id").asText());
        }
        path = path.replace("{source}", "shop").replace("{name}", "erp");
        assertThat(path).as("a real path for %s", operation).doesNotContain("{");
        return path;
    }

    /** One that nothing more happens to. */
    private String deadLetter() {
        JsonNode lane = stuckLane();
        send(request("POST", "/ops/lanes/" + lane.path("id").asText() + "/skip", Roles.OPERATE)
                .POST(BodyPublishers.ofString("{\"event\":" + lane.path("head") + "}")));
        return StreamSupport.stream(
                        json(send(request("GET", "/ops/dead-letters?target=erp&limit=200", Roles.OPERATE))
                                        .body())
                                .path("deadLetters")
                                .spliterator(),
                        false)
                .filter(letter -> letter.path("event").equals(lane.path("head")))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asText();
    }

    /** Of no dead letter that there is. */
    private HttpRequest.Builder redrive() {
        return request("POST", "/ops/dead-letters/redrive", Roles.OPERATE)
                .POST(BodyPublishers.ofString("{\"target\":\"erp\",\"since\":\"2100-01-01T00:00:00Z\"}"));
    }

    /** One of which nothing ever arrives, and that is not being delivered. */
    private JsonNode stuckLane() {
        byte[] body = ("{\"event\":\"ORDER_PAID\",\"data\":{\"orderId\":\"" + UUID.randomUUID() + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
        String event = json(send(request("POST", "/in/shop")
                                .header("X-Signature", signature(body))
                                .header("Content-Type", "application/vnd.shop+json")
                                .POST(BodyPublishers.ofByteArray(body)))
                        .body())
                .path("id")
                .asText();
        return await().until(() -> idleLane(event), Optional::isPresent).orElseThrow();
    }

    private Optional<JsonNode> idleLane(String head) {
        return StreamSupport.stream(
                        json(send(request("GET", "/ops/lanes?target=erp&limit=200", Roles.OPERATE))
                                        .body())
                                .path("lanes")
                                .spliterator(),
                        false)
                .filter(lane -> lane.path("head").asText().equals(head)
                        && !lane.path("state").asText().equals("leased"))
                .findFirst();
    }

    private static String unknown(Operation operation) {
        return operation.path().replaceAll("\\{[^}]*}", "unknown");
    }

    private static String[] roles(Operation operation) {
        return operation.roles().stream().limit(1).toArray(String[]::new);
    }

    private HttpRequest.Builder request(String method, String path, String... role) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + gateway.getAuthority() + path))
                .method(method, BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(30));
        for (String each : role) {
            request.header("Authorization", "Bearer " + key(each));
        }
        return request;
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A header's text as the schema of the header sees it. */
    private static JsonNode value(JsonNode header, String text) {
        return header.at("/schema/type").asText().equals("integer")
                ? JSON.getNodeFactory().numberNode(Long.parseLong(text))
                : JSON.getNodeFactory().textNode(text);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(text, e);
        }
    }

    /** Stops a process where it is, or lets it go on. */
    private static void signal(String name, String pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    }

    private String pid() throws IOException {
        try (Socket socket = new Socket(redis.getHost(), redis.getPort())) {
            socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            String info = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return info.lines()
                    .filter(line -> line.startsWith("process_id:"))
                    .map(line -> line.substring("process_id:".length()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String key(String role) {
        return "a-key-that-may-" + role;
    }

    private static String signature(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
