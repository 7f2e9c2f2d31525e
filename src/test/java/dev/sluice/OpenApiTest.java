package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sluice.ApiDescription.Body;
import dev.sluice.ApiDescription.Operation;
import dev.sluice.ingress.Answer;
import dev.sluice.ops.DeadLetterView;
import dev.sluice.ops.EventView;
import dev.sluice.ops.FoundEventView;
import dev.sluice.ops.JobView;
import dev.sluice.ops.LaneView;
import dev.sluice.ops.TargetView;
import dev.sluice.problem.Problem;
import dev.sluice.target.Filter;
import dev.sluice.webhook.PublishAnswer;
import dev.sluice.webhook.TestAnswer;
import dev.sluice.webhook.WebhookView;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** META-INF/openapi.yaml, held against the code: each operation is there, whole, and nothing that is not. */
class OpenApiTest {
    /** What is read by hand and has no record. */
    private static final Set<String> OF_REQUESTS = Set.of(
            "NewWebhook",
            "WebhookChange",
            "Subscription",
            "Filters",
            "FilterValue",
            "Event",
            "Skip",
            "Redrive",
            "Replay");

    /** Of an answer that the gateway only passes on. */
    private static final String AS_IT_CAME = "*/*";

    private static final Map<String, Class<? extends Record>> OF_ANSWERS = Map.ofEntries(
            Map.entry("Webhook", WebhookView.class),
            Map.entry("Filter", Filter.class),
            Map.entry("WebhookPage", WebhookView.Page.class),
            Map.entry("NewSecret", WebhookView.Rotated.class),
            Map.entry("TestAnswer", TestAnswer.class),
            Map.entry("PublishAnswer", PublishAnswer.class),
            Map.entry("PublishAnswers", PublishAnswer.Batch.class),
            Map.entry("EventStanding", EventView.class),
            Map.entry("TargetStanding", EventView.TargetView.class),
            Map.entry("Attempt", EventView.AttemptView.class),
            Map.entry("Step", EventView.StepView.class),
            Map.entry("LanePage", LaneView.Page.class),
            Map.entry("Lane", LaneView.class),
            Map.entry("LaneActed", LaneView.Acted.class),
            Map.entry("Targets", TargetView.All.class),
            Map.entry("Target", TargetView.class),
            Map.entry("Amount", TargetView.Amount.class),
            Map.entry("LaneCount", TargetView.LaneCount.class),
            Map.entry("FoundEventPage", FoundEventView.Page.class),
            Map.entry("FoundEvent", FoundEventView.class),
            Map.entry("DeadLetterPage", DeadLetterView.Page.class),
            Map.entry("DeadLetter", DeadLetterView.class),
            Map.entry("Jobs", JobView.All.class),
            Map.entry("Job", JobView.class),
            Map.entry("Receipt", Answer.class),
            Map.entry("Problem", Problem.class),
            Map.entry("Fault", Problem.Detail.class));

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private static final Map<String, Method> OPERATIONS = operations();

    /** A route and no REST endpoint; that it answers so, DescribedAnswersTest sees. */
    private static final String ROUTE = "POST /in/{source}";

    private final ApiDescription api = ApiDescription.read();

    @Test
    void isOpenApiAndHoldsNothingUnused() {
        assertThat(api.misfits()).isEmpty();
        assertThat(api.unused()).isEmpty();
    }

    @Test
    void describesEachOperationAndNoOther() {
        assertThat(api.operations().stream().map(Operation::toString))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(OPERATIONS.keySet().stream(), Stream.of(ROUTE))
                        .toList());
    }

    @Test
    void tellsWhatEachOperationIsFor() {
        for (Operation operation : api.operations()) {
            for (String member : List.of("operationId", "summary", "description")) {
                assertThat(operation.node().path(member).asText())
                        .as("%s of %s", member, operation)
                        .isNotBlank();
            }
            assertThat(operation.node().path("tags"))
                    .as("tags of %s", operation)
                    .hasSize(1);
        }
        assertThat(api.operations().stream().map(Operation::id)).doesNotHaveDuplicates();
    }

    @Test
    void namesTheRolesThatTheCodeDemands() {
        operations()
                .forEach((name, method) -> assertThat(api.operation(name).roles())
                        .as("security of %s", name)
                        .isEqualTo(roles(method)));
        assertThat(api.operation(ROUTE).roles()).as("security of %s", ROUTE).isEmpty();
    }

    @Test
    void namesTheParametersThatTheCodeTakes() {
        OPERATIONS.forEach((name, method) -> {
            Operation operation = api.operation(name);
            assertThat(operation.parameters("path"))
                    .as("path parameters of %s", name)
                    .isEqualTo(parameters(method, PathParam.class, PathParam::value));
            assertThat(operation.parameters("query"))
                    .as("query parameters of %s", name)
                    .isEqualTo(parameters(method, QueryParam.class, QueryParam::value));
            for (JsonNode parameter : operation.allParameters()) {
                assertThat(parameter.path("description").asText())
                        .as("%s of %s", parameter.path("name"), name)
                        .isNotBlank();
                assertThat(api.misfits(parameter.path("schema"), parameter.path("example")))
                        .as("example of %s of %s", parameter.path("name"), name)
                        .isEmpty();
            }
        });
    }

    @Test
    void showsARequestWhereTheCodeTakesABody() {
        OPERATIONS.forEach((name, method) -> {
            List<Body> bodies = api.operation(name).request();
            assertThat(!bodies.isEmpty()).as("requestBody of %s", name).isEqualTo(takesABody(method));
            bodies.forEach(body -> assertExamplesFit(body, "request of " + name));
        });
    }

    @Test
    void namesEachErrorThatTheCodeAnswers() {
        OPERATIONS.forEach((name, method) -> {
            Operation operation = api.operation(name);
            assertThat(operation.statuses()).as("answers of %s", name).containsAll(errors(method, operation));
            assertThat(operation.statuses().stream().filter(status -> status < 300))
                    .as("success of %s", name)
                    .hasSize(1);
        });
    }

    @Test
    void showsEachAnswer() {
        for (Operation operation : api.operations()) {
            for (int status : operation.statuses()) {
                String what = status + " of " + operation;
                List<Body> bodies = operation.answerBodies(status);
                assertThat(operation.answer(status).path("description").asText())
                        .as(what)
                        .isNotBlank();
                assertThat(bodies).as(what).hasSize(status == 204 ? 0 : 1);
                bodies.forEach(body -> assertExamplesFit(body, what));
                if (status >= 400) {
                    Body body = bodies.get(0);
                    assertThat(body.mediaType()).as(what).isEqualTo(Problem.MEDIA_TYPE);
                    body.examples()
                            .values()
                            .forEach(
                                    example -> assertThat(example.path("status").asInt())
                                            .as(what)
                                            .isEqualTo(status));
                }
                if (status == 429 || status == 503) {
                    assertThat(operation.answerHeaders(status)).as(what).containsKey("Retry-After");
                }
            }
        }
    }

    @Test
    void itsSchemasAreThoseOfTheRecords() {
        JsonNode schemas = api.document().at("/components/schemas");
        schemas.fields().forEachRemaining(each -> {
            if (OF_REQUESTS.contains(each.getKey())) {
                return;
            }
            Class<? extends Record> record = OF_ANSWERS.get(each.getKey());
            assertThat(record)
                    .as("the record of the schema %s: add it here", each.getKey())
                    .isNotNull();
            assertThat(names(each.getValue().path("properties")))
                    .as("members of %s", each.getKey())
                    .isEqualTo(components(record, component -> true));
            assertThat(texts(each.getValue().path("required")))
                    .as("members that %s always has", each.getKey())
                    .isEqualTo(components(
                            record, component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class)));
        });
    }

    @Test
    void itsAnswersAreWhatTheRecordsWrite() throws Exception {
        for (Operation operation : api.operations()) {
            for (int status : operation.statuses()) {
                for (Body body : operation.answerBodies(status)) {
                    if (body.mediaType().equals(AS_IT_CAME)) {
                        continue;
                    }
                    for (JsonNode example : body.examples().values()) {
                        Class<? extends Record> record = recordOf(body.schema(), example);
                        assertThat(JSON.readTree(JSON.writeValueAsBytes(JSON.treeToValue(example, record))))
                                .as("%s of %s", status, operation)
                                .isEqualTo(JSON.readTree(example.toString()));
                    }
                }
            }
        }
    }

    private void assertExamplesFit(Body body, String what) {
        assertThat(body.examples())
                .as("examples of the %s as %s", what, body.mediaType())
                .isNotEmpty();
        body.examples()
                .forEach((name, example) -> assertThat(api.misfits(body.schema(), example))
                        .as("example '%s' of the %s", name, what)
                        .isEmpty());
    }

    /** Where a schema leaves a choice, the one that fits. */
    private Class<? extends Record> recordOf(JsonNode schema, JsonNode example) {
        JsonNode fits = schema.has("$ref")
                ? schema
                : Stream.iterate(0, i -> i + 1)
                        .limit(schema.path("oneOf").size())
                        .map(schema.path("oneOf")::get)
                        .filter(each -> api.misfits(each, example).isEmpty())
                        .findFirst()
                        .orElseThrow();
        String reference = fits.path("$ref").asText();
        return Objects.requireNonNull(OF_ANSWERS.get(reference.substring(reference.lastIndexOf('/') + 1)), reference);
    }

    /** Every operation that a resource offers, but for those of dev mode. */
    private static Map<String, Method> operations() {
        Map<String, Method> operations = new TreeMap<>();
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("/dev/sluice/dev/"))
                .importPackages("dev.sluice")
                .that(com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith(
                        Path.class))) {
            Class<?> resource = each.reflect();
            for (Method method : resource.getDeclaredMethods()) {
                httpMethod(method)
                        .ifPresent(verb -> operations.put(verb + " " + path(resource) + path(method), method));
            }
        }
        return operations;
    }

    private static Optional<String> httpMethod(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .filter(Objects::nonNull)
                .map(HttpMethod::value)
                .findFirst();
    }

    private static String path(AnnotatedElement element) {
        Path path = element.getAnnotation(Path.class);
        return path == null ? "" : "/" + path.value().replaceFirst("^/", "");
    }

    private static Set<String> roles(Method method) {
        if (method.isAnnotationPresent(PermitAll.class)) {
            return Set.of();
        }
        RolesAllowed roles = method.isAnnotationPresent(RolesAllowed.class)
                ? method.getAnnotation(RolesAllowed.class)
                : method.getDeclaringClass().getAnnotation(RolesAllowed.class);
        return new TreeSet<>(List.of(roles.value()));
    }

    private static boolean takesABody(Method method) {
        return List.of(method.getParameterTypes()).contains(byte[].class);
    }

    private static Set<Integer> errors(Method method, Operation operation) {
        Set<Integer> errors = new TreeSet<>(Set.of(503));
        if (!roles(method).isEmpty()) {
            errors.addAll(Set.of(401, 403, 429));
        }
        if (takesABody(method)) {
            errors.addAll(Set.of(400, 413));
        }
        if (!operation.parameters("query").isEmpty()) {
            errors.add(400);
        }
        if (!operation.parameters("path").isEmpty()) {
            errors.add(404);
        }
        if (operation.parameters("header").contains("Idempotency-Key")) {
            errors.add(422);
        }
        return errors;
    }

    private static <A extends Annotation> Set<String> parameters(
            Method method, Class<A> annotation, Function<A, String> name) {
        return Arrays.stream(method.getParameters())
                .map(parameter -> parameter.getAnnotation(annotation))
                .filter(Objects::nonNull)
                .map(name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> components(Class<? extends Record> record, Predicate<RecordComponent> wanted) {
        return Arrays.stream(record.getRecordComponents())
                .filter(wanted)
                .map(RecordComponent::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new TreeSet<>();
        array.forEach(each -> texts.add(each.textValue()));
        return texts;
    }
}
