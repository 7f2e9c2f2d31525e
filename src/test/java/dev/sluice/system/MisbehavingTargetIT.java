package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.dev.EmbeddedRedis;
import dev.sluice.system.ApiClient.Registered;
import dev.sluice.system.RawTarget.Exchange;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a target does, the gateway stays calm: docs/targets.md names the test of each misbehaviour. Beside them there is a
 * healthy target, which wants everything and gets it.
 */
class MisbehavingTargetIT {
    private static final Path DIRECTORY = Path.of("target", "system", "misbehaving");
    private static final String TIMED_OUT = "no answer within 2000 ms";
    private static final String FAILED = "HTTP/1.1 500 Internal Server Error\r\n";
    private static final Duration DRIP = Duration.ofSeconds(1);
    private static final long TEN_GB = 10L << 30;

    /** More than the sockets of both sides hold, and far less than ten gigabytes. */
    private static final long LITTLE = 64L << 20;

    private static final Vertx VERTX = Vertx.vertx();
    private static final AtomicInteger TYPES = new AtomicInteger();

    private static EmbeddedRedis redis;
    private static RedisLook look;
    private static Gateway gateway;
    private static Endpoint healthy;
    private static Registered healthyWebhook;
    private static ApiClient manager;
    private static ApiClient publisher;

    private final String type = "TYPE_" + TYPES.incrementAndGet();
    private final List<String> published = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        Files.deleteIfExists(DIRECTORY.resolve("gateway").resolve("gateway.log"));
        redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
        look = new RedisLook(VERTX, redis.uri());
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.put("sluice.publish.history", "1h");
        settings.put("sluice.policies.default.timeout", "2s");
        settings.put("sluice.policies.clamped.retry.delays", "2s,1s");
        settings.put("sluice.policies.clamped.retry.jitter", "0");
        settings.put("sluice.policies.clamped.circuit.delay", "1h");
        settings.put("sluice.policies.slow.retry.delays", "1h");
        settings.put("sluice.policies.final.final", "429");
        settings.put("sluice.policies.flapping.retry.initial", "10ms");
        settings.put("sluice.policies.flapping.circuit.window", "10");
        settings.put("sluice.policies.flapping.circuit.delay", "1h");
        gateway = new Gateway(DIRECTORY.resolve("gateway"), redis.uri(), settings);
        manager = new ApiClient(gateway, MANAGER);
        publisher = new ApiClient(gateway, PUBLISHER);
        healthy = new Endpoint(VERTX);
        healthyWebhook = manager.register(healthy.url(), "*");
    }

    @AfterEach
    void theHealthyTargetHasEverything() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(healthy.received())
                        .extracting(request -> request.header("Webhook-Id"))
                        .containsAll(published));
    }

    @AfterAll
    static void theLogIsCalmToo() {
        List<String> errors = gateway.logged()
                .lines()
                .filter(line -> line.contains("\"level\":\"ERROR\""))
                .toList();
        gateway.close();
        healthy.close();
        look.close();
        redis.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
        assertThat(errors).isEmpty();
    }

    @Test
    void aTargetThatRefusesConnectionsHasItsEventsInOrderOnceItListens() {
        int port = EmbeddedRedis.freePort();
        manager.register("http://127.0.0.1:" + port + "/hook", type);
        String first = publish("o", 0);
        publish("o", 1);
        assertThat(firstAttempt(first).path("error").asText()).startsWith("Connection refused");
        try (Endpoint listening = new Endpoint(VERTX, "127.0.0.1", port)) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(listening.numbers("o")).containsExactly(0, 1));
        }
    }

    @Test
    void anAnswerThatIsResetAfterItsHeadersCountsByItsStatusLine() {
        try (RawTarget target = new RawTarget(
                exchange -> exchange.write((exchange.request().number() == 0 ? "HTTP/1.1 200 \r\n" : FAILED)
                                + "Content-Length: 100\r\n\r\nbroken")
                        .reset())) {
            manager.register(target.url(), type);
            String delivered = publish("o", 0);
            String failing = publish("o", 1);
            assertThat(attempts(awaitState(delivered, "delivered"))).hasSize(1);
            assertThat(firstAttempt(failing).path("error").asText()).isEqualTo("HTTP 500");
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(failing, "delivered");
        }
    }

    @Test
    void aTargetThatHangsIsGivenUpAtTheTimeoutAndHoldsUpNobodyElse() {
        try (RawTarget target = new RawTarget(exchange -> {})) {
            manager.register(target.url(), type);
            List<String> hanging = IntStream.range(0, 20)
                    .mapToObj(lane -> publish("o-" + lane, 0))
                    .toList();
            await().atMost(PATIENCE).until(() -> target.count() >= 20);
            theHealthyTargetHasEverything();
            assertThat(firstAttempt(hanging.get(0)).path("error").asText()).isEqualTo(TIMED_OUT);
            target.answering(exchange -> exchange.write(RawTarget.OK));
            hanging.forEach(event -> awaitState(event, "delivered"));
            // No connection on which a request hung is used again.
            assertThat(target.exchanges())
                    .allSatisfy(exchange -> assertThat(
                                    exchange.request().header("Webhook-Attempt").equals("1")
                                            || exchange.connection() > 20)
                            .isTrue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"})
    void aStatusLineThatDripsIsCutAtTheTimeout(String answer) {
        try (RawTarget target = new RawTarget(exchange -> exchange.drip(answer, DRIP))) {
            manager.register(target.url(), type);
            String event = publish("o", 0);
            JsonNode attempt = firstAttempt(event);
            assertThat(attempt.path("error").asText()).isEqualTo(TIMED_OUT);
            assertThat(attempt.has("status")).isFalse();
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(event, "delivered");
            await().atMost(PATIENCE).until(() -> target.open() == 1);
        }
    }

    @Test
    void aBodyThatDripsIsCutAtTheTimeoutAndItsStatusLineCounts() {
        try (RawTarget target = new RawTarget(
                exchange -> exchange.write((exchange.request().number() == 0 ? "HTTP/1.1 200 OK\r\n" : FAILED)
                                + "Content-Length: 100\r\n\r\n")
                        .drip("slow, very slow, and slower", DRIP))) {
            manager.register(target.url(), type);
            String delivered = publish("o", 0);
            String failing = publish("o", 1);
            assertThat(attempts(awaitState(delivered, "delivered"))).hasSize(1);
            JsonNode attempt = firstAttempt(failing);
            assertThat(attempt.path("error").asText()).isEqualTo("HTTP 500");
            assertThat(attempt.path("excerpt").asText()).matches("slo?w?");
            // Each attempt has lost its connection.
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(target.exchanges())
                            .hasSizeGreaterThan(2)
                            .extracting(Exchange::turn)
                            .containsOnly(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"200, true", "200, false", "500, true", "500, false"})
    void aBodyOfTenGigabytesIsNotReadToItsEnd(int status, boolean tellsItsLength) {
        AtomicLong sent = new AtomicLong();
        try (RawTarget target = new RawTarget(exchange -> sent.addAndGet(exchange.write("HTTP/1.1 " + status + " \r\n"
                        + (tellsItsLength ? "Content-Length: " + TEN_GB + "\r\n\r\n" : "\r\n"))
                .flood("0123456789abcdef".repeat(4096), TEN_GB)))) {
            manager.registerWith(target.url(), ",\"policy\":\"once\"", type);
            JsonNode standing = awaitState(publish("o", 0), status == 200 ? "delivered" : "dead");
            assertThat(attempts(standing)).allSatisfy(attempt -> {
                assertThat(attempt.path("status").asInt()).isEqualTo(status);
                assertThat(attempt.path("excerpt").asText())
                        .isEqualTo(status == 200 ? "" : "0123456789abcdef".repeat(64));
            });
            await().atMost(PATIENCE).until(() -> target.open() == 0);
            assertThat(sent.get() / target.count()).isBetween(65_536L, LITTLE);
        }
    }

    @Test
    void ofGarbageInASuccessNothingMattersAndItsConnectionIsUsedAgain() {
        try (RawTarget target = new RawTarget(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n\0\1\2{\"a\":\u001b[2J")) {
            manager.register(target.url(), type);
            for (int number = 0; number < 3; number++) {
                awaitState(publish("o", number), "delivered");
            }
            assertThat(target.connections()).isEqualTo(1);
        }
    }

    @Test
    void ofGarbageInAFailureTheFirstKilobyteIsShownAsFarAsItCanBePrinted() {
        String body = "<p>\r\n\tno \0\u001b[31mentry\u202e for \u00e4\u65e5</p>" + "x".repeat(2_000);
        try (RawTarget target = new RawTarget(
                FAILED + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body)) {
            manager.registerWith(target.url(), ",\"policy\":\"once\"", type);
            JsonNode standing = awaitState(publish("o", 0), "dead");
            assertThat(attempts(standing)).hasSize(2).allSatisfy(attempt -> {
                assertThat(attempt.path("error").asText()).isEqualTo("HTTP 500");
                assertThat(attempt.path("excerpt").asText())
                        .startsWith("<p> no [31mentry for \u00e4\u65e5</p>xxx")
                        .hasSizeBetween(1_000, 1_024);
            });
            assertThat(target.connections()).isEqualTo(1);
            // Why it is a dead letter, too.
            assertThat(look.holding("HTTP 500: <p> no [31mentry")).anyMatch(found -> found.contains("}:why holds 2:"));
            assertThat(gateway.logged()).doesNotContain("xxxx");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\0\1\2\3SSH-2.0 \u001b[31m\r\n\r\n",
                "<html>this is no HTTP</html>\r\n\r\n",
                "HTTP/1.1 abc\r\n\r\n",
                "HTTP/3.7 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n12345",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nbad\0name: x\r\nContent-Length: 0\r\n\r\n",
            })
    void whatIsNoAnswerIsAFailure(String bytes) {
        try (RawTarget target = new RawTarget(bytes)) {
            manager.register(target.url(), type);
            String event = publish("o", 0);
            JsonNode attempt = firstAttempt(event);
            assertThat(attempt.has("status")).isFalse();
            assertThat(attempt.path("error").asText()).matches("[^\\p{C}]{5,200}");
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(event, "delivered");
            await().atMost(PATIENCE).until(() -> target.open() == 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsAFailureAndIsNotFollowed(int status) {
        try (RawTarget elsewhere = new RawTarget(RawTarget.OK);
                RawTarget target = new RawTarget("HTTP/1.1 " + status + " Over There\r\nLocation: " + elsewhere.url()
                        + "\r\nContent-Length: 0\r\n\r\n")) {
            manager.registerWith(target.url(), ",\"policy\":\"once\"", type);
            JsonNode standing = awaitState(publish("o", 0), "dead");
            assertThat(last(standing).path("error").asText()).isEqualTo("HTTP " + status);
            assertThat(elsewhere.connections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPauseThatA429AsksForHoldsTheWholeTargetAndCostsNoAttempt(boolean asDate) {
        try (RawTarget target =
                new RawTarget(exchange -> exchange.write("HTTP/1.1 429 Too Many Requests\r\nRetry-After: "
                        + (asDate ? dateIn(3) : "3") + "\r\nContent-Length: 0\r\n\r\n"))) {
            manager.register(target.url(), type);
            String first = publish("first", 0);
            assertThat(firstAttempt(first).path("status").asInt()).isEqualTo(429);
            target.answering(exchange -> exchange.write(RawTarget.OK));
            long told = target.exchanges().get(0).request().at();
            List<String> others = IntStream.range(1, 10)
                    .mapToObj(lane -> publish("o-" + lane, lane))
                    .toList();
            others.forEach(event ->
                    assertThat(attempts(awaitState(event, "delivered"))).hasSize(1));
            assertThat(attempts(awaitState(first, "delivered"))).hasSize(2);
            // A date has no milliseconds.
            assertThat(target.exchanges().stream().skip(1))
                    .allSatisfy(exchange -> assertThat(
                                    Duration.ofNanos(exchange.request().at() - told))
                            .isGreaterThan(asDate ? Duration.ofMillis(1_900) : Duration.ofMillis(2_900)));
        }
    }

    @Test
    void theTargetIsHeldForAsLongAsItAskedWhateverTheDelayOfTheEventThatWasToldSo() {
        try (RawTarget target = new RawTarget("HTTP/1.1 429 \r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")) {
            manager.registerWith(target.url(), ",\"policy\":\"slow\"", type);
            firstAttempt(publish("o-1", 0));
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(publish("o-2", 1), "delivered");
        }
    }

    @Test
    void theTargetIsHeldAlsoWhereTheEventThatWasToldSoIsSetAside() {
        CompletableFuture<String> queued = new CompletableFuture<>();
        try (RawTarget target = new RawTarget(exchange -> {
            queued.join();
            exchange.write("HTTP/1.1 429 \r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
        })) {
            manager.registerWith(target.url(), ",\"policy\":\"final\"", type);
            String first = publish("o", 0);
            String next = publish("o", 1);
            queued.complete(next);
            awaitState(first, "dead");
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(next, "delivered");
            assertThat(between(target, 0, 1)).isGreaterThan(Duration.ofMillis(2_900));
        }
    }

    @Test
    void ofAShortPauseOfARegisteredWebhookOtherGatewaysAreNotTold() {
        try (RawTarget target = new RawTarget("HTTP/1.1 429 \r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")) {
            manager.register(target.url(), type);
            double before = gateway.metric("sluice_redis_seconds_count{script=\"hold\"}");
            String event = publish("o", 0);
            await().atMost(PATIENCE).until(() -> target.count() > 1);
            assertThat(gateway.metric("sluice_redis_seconds_count{script=\"hold\"}"))
                    .isEqualTo(before);
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(event, "delivered");
        }
    }

    @Test
    void aPauseThatA503AsksForIsThatOfItsLaneOnly() {
        try (RawTarget target = new RawTarget(exchange -> exchange.write(
                exchange.request().number() == 0
                                && exchange.request().header("Webhook-Attempt").equals("1")
                        ? "HTTP/1.1 503 \r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"
                        : RawTarget.OK))) {
            manager.register(target.url(), type);
            String first = publish("o-1", 0);
            String second = publish("o-1", 1);
            assertThat(firstAttempt(first).path("status").asInt()).isEqualTo(503);
            awaitState(publish("o-2", 2), "delivered");
            awaitState(second, "delivered");
            assertThat(target.numbers()).containsExactly(0, 2, 0, 1);
            assertThat(between(target, 0, 2)).isGreaterThan(Duration.ofMillis(2_900));
        }
    }

    @Test
    void aPauseIsNoShorterThanTheOwnDelayAndNoLongerThanWhatIsLeftOfTheWindow() {
        List<String> asked = List.of("1", "3600", "3600");
        try (RawTarget target = new RawTarget(exchange -> exchange.write("HTTP/1.1 429 \r\nRetry-After: "
                + asked.get(Integer.parseInt(exchange.request().header("Webhook-Attempt")) - 1)
                + "\r\nContent-Length: 0\r\n\r\n"))) {
            manager.registerWith(target.url(), ",\"policy\":\"clamped\"", type);
            awaitState(publish("o", 0), "dead");
            assertThat(target.attempts()).containsExactly("1", "2", "3");
            assertThat(between(target, 0, 1)).isGreaterThan(Duration.ofMillis(1_900));
            assertThat(between(target, 1, 2)).isGreaterThan(Duration.ofMillis(900));
        }
    }

    @Test
    void aTargetThatFlapsKeepsItsOrderAndItsCircuitStaysClosed() {
        try (RawTarget target = new RawTarget(exchange -> exchange.write(
                exchange.request().header("Webhook-Attempt").equals("1")
                        ? "HTTP/1.1 503 \r\nContent-Length: 4\r\n\r\nflap"
                        : RawTarget.OK))) {
            manager.registerWith(target.url(), ",\"policy\":\"flapping\"", type);
            List<Integer> twice = new ArrayList<>();
            for (int number = 0; number < 30; number++) {
                publish("o", number);
                twice.addAll(List.of(number, number));
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(target.numbers()).isEqualTo(twice));
            assertThat(target.connections()).isEqualTo(1);
            assertThat(gateway.logged()).doesNotContain("circuit opened");
        }
    }

    @Test
    void aTargetThatClosesEachConnectionIsConnectedToAnew() {
        try (RawTarget polite = new RawTarget("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                RawTarget impolite =
                        new RawTarget(exchange -> exchange.write(RawTarget.OK).close())) {
            manager.register(polite.url(), type);
            manager.register(impolite.url(), type);
            for (int number = 0; number < 10; number++) {
                publish("o", number);
            }
            for (RawTarget target : List.of(polite, impolite)) {
                await().atMost(PATIENCE).until(() -> target.numbers().contains(9));
                await().atMost(PATIENCE).until(() -> target.open() == 0);
                assertThat(target.attempts()).containsOnly("1");
                assertThat(target.exchanges())
                        .filteredOn(exchange -> exchange.turn() == 1)
                        .hasSize(10);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatIsClosedJustAsItIsUsedAgainCostsNoAttempt(boolean reset) {
        try (RawTarget target = new RawTarget(exchange -> {
            if (exchange.turn() == 1) {
                exchange.write(RawTarget.OK);
            } else if (reset) {
                exchange.reset();
            } else {
                exchange.close();
            }
        })) {
            manager.register(target.url(), type);
            List<JsonNode> standings = IntStream.range(0, 4)
                    .mapToObj(number -> awaitState(publish("o", number), "delivered"))
                    .toList();
            assertThat(standings)
                    .allSatisfy(standing -> assertThat(attempts(standing)).hasSize(1));
            assertThat(target.numbers()).containsExactly(0, 1, 1, 2, 2, 3, 3);
            assertThat(target.attempts()).containsOnly("1");
        }
    }

    @Test
    void aNewConnectionThatIsClosedWithoutAnAnswerIsAFailure() {
        try (RawTarget target = new RawTarget(Exchange::close)) {
            manager.register(target.url(), type);
            String event = publish("o", 0);
            assertThat(firstAttempt(event).path("error").asText()).isEqualTo("Connection was closed");
            target.answering(exchange -> exchange.write(RawTarget.OK));
            awaitState(event, "delivered");
            assertThat(target.attempts()).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "many", "empty", "line"})
    void aHundredKilobytesOfHeadersAreAFailureAndLoseTheConnection(String how) {
        String headers = Map.<String, Supplier<String>>of(
                        "one", () -> "HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000) + "\r\n",
                        "many", () -> "HTTP/1.1 200 OK\r\n" + "X-Header: some value\r\n".repeat(5_000),
                        "empty", () -> "HTTP/1.1 200 OK\r\n" + "a:\r\n".repeat(25_000),
                        "line", () -> "HTTP/1.1 200 " + "x".repeat(100_000) + "\r\n")
                .get(how)
                .get();
        try (RawTarget target = new RawTarget(headers + "Content-Length: 0\r\n\r\n")) {
            manager.register(target.url(), type);
            String event = publish("o", 0);
            JsonNode attempt = firstAttempt(event);
            assertThat(attempt.path("error").asText())
                    .isEqualTo(
                            how.equals("line")
                                    ? "An HTTP line is larger than 4096 bytes."
                                    : "HTTP header is larger than 8192 bytes.");
            target.answering(exchange ->
                    exchange.write("HTTP/1.1 200 OK\r\nX: " + "x".repeat(8_000) + "\r\nContent-Length: 0\r\n\r\n"));
            awaitState(event, "delivered");
            await().atMost(PATIENCE).until(() -> target.open() == 1);
        }
    }

    @Test
    void anInterimAnswerOfAnUnknownKindIsNotTakenForTheAnswerToTheNextRequest() {
        try (RawTarget target = new RawTarget(exchange -> exchange.write(
                exchange.request().number() == 0 && exchange.connection() == 1
                        ? "HTTP/1.1 102 Processing\r\n\r\n"
                        : RawTarget.OK))) {
            manager.register(target.url(), type);
            String event = publish("o", 0);
            assertThat(firstAttempt(event).path("error").asText()).isEqualTo("HTTP 102");
            awaitState(event, "delivered");
            assertThat(target.exchanges()).extracting(Exchange::turn).containsExactly(1, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"})
    void interimAnswersWithoutEndAreAFailure(String interim) {
        AtomicLong sent = new AtomicLong();
        try (RawTarget target =
                new RawTarget(exchange -> sent.addAndGet(exchange.flood(interim.repeat(100), TEN_GB)))) {
            manager.register(target.url(), type);
            String event = publish("o", 0);
            assertThat(firstAttempt(event).path("error").asText()).isEqualTo("more than 20 interim answers");
            target.answering(exchange -> exchange.write(interim.repeat(20) + RawTarget.OK));
            awaitState(event, "delivered");
            assertThat(sent.get()).isLessThan(LITTLE * target.count());
        }
    }

    private String publish(String order, int number) {
        String event = publisher.publish(type, order, number).text("id");
        published.add(event);
        return event;
    }

    /** Where an event stands with the target that misbehaves. */
    private static JsonNode standing(String event) {
        for (JsonNode target : publisher.get("/events/" + event).json().path("targets")) {
            if (!target.path("target").asText().equals(healthyWebhook.id())) {
                return target;
            }
        }
        throw new AssertionError("only the healthy target wants " + event);
    }

    private static JsonNode awaitState(String event, String state) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(standing(event).path("state").asText()).isEqualTo(state));
        return standing(event);
    }

    private static JsonNode attempts(JsonNode standing) {
        return standing.path("attempts");
    }

    private static JsonNode last(JsonNode standing) {
        JsonNode attempts = attempts(standing);
        return attempts.get(attempts.size() - 1);
    }

    /** Waits for the first attempt to be over. */
    private static JsonNode firstAttempt(String event) {
        await().atMost(PATIENCE).until(() -> !attempts(standing(event)).isEmpty());
        return attempts(standing(event)).get(0);
    }

    /** What lay between two of the requests. */
    private static Duration between(RawTarget target, int one, int other) {
        List<Exchange> all = target.exchanges();
        return Duration.ofNanos(
                all.get(other).request().at() - all.get(one).request().at());
    }

    private static String dateIn(int seconds) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS));
    }
}
