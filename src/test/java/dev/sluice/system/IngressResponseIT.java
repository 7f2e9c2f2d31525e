package dev.sluice.system;

import static dev.sluice.system.Deadlines.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a sender is answered. */
@ExtendWith(SharedGatewaysExtension.class)
class IngressResponseIT {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String WRONG = "sha256=00";
    private static final String TOO_LARGE = "x".repeat(1_100_000);
    private static final String UNREADABLE = "this is not JSON";

    private final SharedGateways gateways;
    private final Gateway gateway;

    IngressResponseIT(SharedGateways gateways) {
        this.gateways = gateways;
        gateway = gateways.one();
    }

    @Test
    void requestIsRefusedWithItsReasonWhenItIsNoSignedEventOfAKnownSource() throws Exception {
        assertThat(post("choosy", "{}", WRONG).statusCode()).isEqualTo(401);
        assertThat(post("nobody", "{}", WRONG).statusCode()).isEqualTo(404);
        HttpResponse<String> tooLarge = post("choosy", TOO_LARGE, WRONG);
        assertThat(tooLarge.statusCode()).isEqualTo(413);
        assertThat(tooLarge.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(tooLarge.body()).contains("urn:sluice:too-large");
        assertThat(post("choosy", chunked(TOO_LARGE), WRONG, "text/plain").statusCode())
                .isEqualTo(413);
        await().atMost(PATIENCE).until(() -> events("rejected", "too-large") == 2);
        assertThat(events("rejected", "signature-malformed")).isEqualTo(1);
        assertThat(gateway.loggedSinceStart().lines())
                .anySatisfy(line -> assertThat(line).contains("\"message\":\"rejected\"", "\"source\":\"choosy\""));
    }

    @Test
    void signedEventIsAcceptedWhateverItsContentTypeAndCountedByWhatBecomesOfIt() throws Exception {
        try (RecordingTarget choosy = gateways.target("choosy")) {
            String unwanted = "{\"event\":\"OTHER\",\"data\":{\"orderId\":2}}";
            for (String type : List.of("foo", "application/json, text/xml", "multipart/form-data", "")) {
                HttpResponse<String> answer =
                        post("choosy", BodyPublishers.ofString(unwanted), signature(unwanted), type);
                assertThat(answer.statusCode()).as(type).isEqualTo(200);
            }
            assertThat(postSigned(UNREADABLE)).contains("\"status\":\"unreadable\"");
            assertThat(postSigned("{\"event\":\"OTHER\",\"data\":{\"orderId\":1}}"))
                    .contains("\"status\":\"accepted\"", "\"targets\":0");
            assertThat(postSigned("{\"event\":\"ORDER_X\",\"data\":{\"orderId\":1,\"number\":0}}"))
                    .contains("\"status\":\"accepted\"", "\"targets\":1");
            await().atMost(PATIENCE).until(() -> choosy.delivered() == 1);
            // The four with odd content types are one event, sent four times.
            assertThat(events("accepted", "no-target")).isEqualTo(2);
            await().atMost(PATIENCE)
                    .until(() ->
                            gateways.metric("sluice_deliveries_total{outcome=\"delivered\",target=\"choosy\"}") == 1);
            assertThat(gateways.logged("choosy"))
                    .anySatisfy(line -> assertThat(line).contains("\"message\":\"delivered\""));
            assertThat(gateway.logged()).doesNotContain(Shop.SECRET, Shop.TARGET_SECRET, UNREADABLE);
        }
    }

    private double events(String result, String reason) {
        return gateway.metric(
                "sluice_events_total{reason=\"" + reason + "\",result=\"" + result + "\",source=\"choosy\"}");
    }

    private String postSigned(String body) throws IOException, InterruptedException {
        return post("choosy", body, signature(body)).body();
    }

    private static String signature(String body) {
        return RecordingTarget.sign(Shop.SECRET, body.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> post(String source, String body, String signature)
            throws IOException, InterruptedException {
        return post(source, BodyPublishers.ofString(body), signature, "application/json");
    }

    private HttpResponse<String> post(String source, BodyPublisher body, String signature, String contentType)
            throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(gateway.in(source))
                        .header("X-Signature", signature)
                        .header("Content-Type", contentType)
                        .timeout(PATIENCE)
                        .POST(body)
                        .build(),
                BodyHandlers.ofString());
    }

    /** A body without Content-Length. */
    private static BodyPublisher chunked(String body) {
        return BodyPublishers.fromPublisher(BodyPublishers.ofString(body));
    }
}
