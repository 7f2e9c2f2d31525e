package dev.sluice.bench;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes events as an order system sends them: no two of them alike, each with the moment at which it was to be sent in it, and signed.
 * Not for several threads.
 */
final class Signed {
    static final String SECRET = "bench-secret";
    private static final int DIGITS = 19;
    private static final int DUE_AT = "{\"due\":\"".length();
    private static final String DUE = "0".repeat(DIGITS);
    private static final String ENTITY = "entity-" + "0".repeat(DIGITS);

    private final byte[] template;
    private final int entityAt;
    private final Mac mac;

    /** Makes some of so many bytes each. */
    Signed(int bytes) {
        String before = "{\"due\":\"" + DUE
                + "\",\"event\":\"ORDER_STATUS_UPDATED\",\"timestamp\":\"2026-11-27T10:00:00Z\","
                + "\"data\":{\"orderId\":\"" + ENTITY + "\",\"status\":\"SHIPPED\",\"total\":104.50,\"items\":[";
        String after = "{\"sku\":\"last\"}]}}";
        StringBuilder items = new StringBuilder();
        for (int i = 0; before.length() + items.length() + after.length() + 120 < bytes; i++) {
            items.append("{\"sku\":\"SKU-")
                    .append(10_000 + i)
                    .append("\",\"name\":\"Bolt M8, galvanized\",\"quantity\":")
                    .append(1 + i % 9)
                    .append(",\"price\":12.25,\"taxed\":true},");
        }
        String padding = "{\"note\":\""
                + "x".repeat(Math.max(0, bytes - before.length() - items.length() - after.length() - 12)) + "\"},";
        template = (before + items + padding + after).getBytes(StandardCharsets.US_ASCII);
        entityAt = before.indexOf(ENTITY) + "entity-".length();
        mac = mac();
    }

    /** The body of one. */
    byte[] body(long dueNanos, long entity) {
        byte[] body = template.clone();
        digits(body, DUE_AT, dueNanos);
        digits(body, entityAt, entity);
        return body;
    }

    /** What its sender puts under X-Signature. */
    String signature(byte[] body) {
        return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    }

    /** When an event was to be sent, by {@link System#nanoTime}, which on Linux all processes of a machine share. */
    static long dueNanos(Buffer body) {
        long nanos = 0;
        for (int i = 0; i < DIGITS; i++) {
            nanos = nanos * 10 + (body.getByte(DUE_AT + i) - '0');
        }
        return nanos;
    }

    private static void digits(byte[] body, int at, long number) {
        long left = number;
        for (int i = at + DIGITS - 1; i >= at; i--) {
            body[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }

    private static Mac mac() {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
