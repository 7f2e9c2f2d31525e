package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.system.Endpoint.Received;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The request that a configured target receives. */
@ExtendWith(SharedGatewaysExtension.class)
class DeliveredRequestIT {
    private final SharedGateways gateways;

    DeliveredRequestIT(SharedGateways gateways) {
        this.gateways = gateways;
    }

    @Test
    void targetReceivesTheBodyByteForByteAndEveryHeader() throws Exception {
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        byte[] body = "{ \"data\":{\"number\":1e400,\"orderId\" : \"\u00e4\\u00e4\"},\n\"event\":\"E 1\"}\r\n"
                .getBytes(StandardCharsets.UTF_8);
        try (Endpoint whole = gateways.endpoint("whole")) {
            Shop.post(
                    gateways.one(),
                    "whole",
                    body,
                    "Content-Type",
                    "application/json; charset=utf-8",
                    "traceparent",
                    traceparent);
            Received received = whole.only();
            assertThat(received.bytes()).isEqualTo(body);
            assertThat(received.path()).isEqualTo("/hook");
            assertThat(received.query()).isEqualTo("a=b");
            assertHeader(received, "X-Signature", RecordingTarget.sign("whsec_bmV3", body));
            assertHeader(received, "X-Signature-Previous", RecordingTarget.sign("whsec_b2xk", body));
            assertHeader(received, "Content-Type", "application/json; charset=utf-8");
            assertHeader(received, "traceparent", traceparent);
            assertHeader(received, "Webhook-Event", "E 1");
            assertHeader(received, "Webhook-Attempt", "1");
            assertHeader(received, "X-Api-Key", "key");
            assertThat(received.header("Webhook-Sequence")).isNotEmpty();
            assertThat(received.headers().allValues("Webhook-Id")).hasSize(1);
            received.verify("whsec_bmV3");
            received.verify("whsec_b2xk");
        }
    }

    private static void assertHeader(Received received, String name, String value) {
        assertThat(received.headers().allValues(name)).as(name).isEqualTo(List.of(value));
    }
}
