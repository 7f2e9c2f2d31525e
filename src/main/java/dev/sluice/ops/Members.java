package dev.sluice.ops;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.problem.Problem;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The members of a request's body, a JSON object, read one after the other; all faults are told together. */
final class Members {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private static final String RATE = "rate";
    private static final int HIGHEST_RATE = 100_000;

    private final List<Problem.Detail> faults = new ArrayList<>();
    private final JsonNode body;

    /** Reads them.
     *
     * @param known those that there may be; a misspelt one must not be passed over
     */
    Members(byte[] body, List<String> known) {
        this.body = read(body);
        if (!this.body.isObject()) {
            faults.add(new Problem.Detail("", "it is no JSON object", "write one of " + String.join(", ", known)));
        }
        this.body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                fault(name, "there is no such member", "use " + String.join(", ", known));
            }
        });
    }

    /** What a string means.
     *
     * @param meaning empty where it means nothing
     * @param mend told then
     */
    <T> Optional<T> text(String name, Function<String, Optional<T>> meaning, String mend) {
        JsonNode member = body.path(name);
        Optional<T> read = member.isTextual() ? meaning.apply(member.asText()) : Optional.empty();
        if (!member.isMissingNode() && read.isEmpty()) {
            fault(name, "it means nothing", mend);
        }
        return read;
    }

    /** A moment, in ms. */
    Optional<Long> moment(String name) {
        return text(name, Query::moment, "write a time, for example 2026-01-31T03:00:00Z");
    }

    /** How many events a second. */
    Optional<Integer> rate() {
        JsonNode member = body.path(RATE);
        boolean fits = member.canConvertToExactIntegral() && member.canConvertToInt();
        if (fits && member.asInt() >= 1 && member.asInt() <= HIGHEST_RATE) {
            return Optional.of(member.asInt());
        }
        if (!member.isMissingNode()) {
            fault(RATE, "it is no rate", "write how many events a second, from 1 to " + HIGHEST_RATE);
        }
        return Optional.empty();
    }

    /** What each of a list of strings means. */
    <T> List<T> texts(String name, int most, Function<String, Optional<T>> meaning, String mend) {
        JsonNode member = body.path(name);
        if (member.isMissingNode()) {
            return List.of();
        }
        List<T> read = new ArrayList<>();
        for (JsonNode each : member) {
            if (each.isTextual()) {
                meaning.apply(each.asText()).ifPresent(read::add);
            }
        }
        if (!member.isArray() || read.isEmpty() || read.size() < member.size() || read.size() > most) {
            fault(name, "it is no list of 1 to " + most + " such", mend);
        }
        return read;
    }

    boolean has(String name) {
        return body.has(name);
    }

    void fault(String name, String reason, String mend) {
        faults.add(new Problem.Detail("/" + name, reason, mend));
    }

    /** The answer to a body that cannot be understood; empty when it can. */
    Optional<Response> refusal() {
        return faults.isEmpty()
                ? Optional.empty()
                : Optional.of(Problem.invalid(faults).response());
    }

    private static JsonNode read(byte[] body) {
        try {
            return body.length == 0 ? MissingNode.getInstance() : JSON.readTree(body);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }
}
