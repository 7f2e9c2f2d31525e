package dev.sluice.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One event of the tests.
 *
 * @param entity what it must stay in order with
 * @param number its place among the events of its entity, from 0
 */
public record Message(String entity, int number) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public byte[] body() {
        return ("{\"event\":\"ORDER_STATUS_UPDATED\",\"timestamp\":\"2026-11-24T12:00:00Z\",\"data\":{\"orderId\":\""
                        + entity + "\",\"number\":" + number + "}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    public static Message of(byte[] body) {
        try {
            JsonNode data = JSON.readTree(body).get("data");
            return new Message(data.get("orderId").asText(), data.get("number").asInt());
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
