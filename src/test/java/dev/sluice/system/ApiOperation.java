package dev.sluice.system;

import static dev.sluice.system.ApiClient.event;
import static dev.sluice.system.WebhookConfiguration.INSPECTOR;
import static dev.sluice.system.WebhookConfiguration.MANAGER;
import static dev.sluice.system.WebhookConfiguration.OPERATOR;
import static dev.sluice.system.WebhookConfiguration.PUBLISHER;

import dev.sluice.system.ApiClient.Answer;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the API can do.
 *
 * @param role the key that it takes
 */
record ApiOperation(String method, String path, String body, String role) {
    private static final String JOB = "/ops/jobs/3f0f1c0a-5a62-4a5b-9a55-2b1f6f1d7c11";
    private static final String LETTER =
            "/ops/dead-letters/0-ZXJwOnNob3A6azo0NzExfDAtQUFBQUFBQUFBQUFBQUFBQUFBQS0xNzY3MjY4ODAwMTIz";
    private static final String LANE = "/ops/lanes/0-ZXJwOnNob3A6azo0NzEx";

    /** The keys that do not open it. */
    List<String> refused() {
        // Who operates may look at events as well.
        return Stream.of(MANAGER, PUBLISHER, OPERATOR, INSPECTOR)
                .filter(key -> !key.equals(role))
                .filter(key -> !key.equals(OPERATOR) || !path.startsWith("/events/"))
                .toList();
    }

    /** All there are, those on one webhook with the path of this one. */
    static List<ApiOperation> all(String webhook) {
        return List.of(
                new ApiOperation("POST", "/webhooks", "{\"url\":\"http://127.0.0.1:1/\",\"events\":[\"*\"]}", MANAGER),
                new ApiOperation("GET", "/webhooks", "", MANAGER),
                new ApiOperation("GET", webhook, "", MANAGER),
                new ApiOperation("PATCH", webhook, "{\"enabled\":false}", MANAGER),
                new ApiOperation("DELETE", webhook, "", MANAGER),
                new ApiOperation("POST", webhook + "/secret", "", MANAGER),
                new ApiOperation("POST", webhook + "/test", "", MANAGER),
                new ApiOperation("GET", "/events/0-AAAAAAAAAAAAAAAAAAA-1", "", PUBLISHER),
                new ApiOperation("POST", "/events", event("SHUT_OUT", "o", 0), PUBLISHER),
                new ApiOperation("GET", "/ops/lanes", "", OPERATOR),
                new ApiOperation("GET", LANE, "", OPERATOR),
                new ApiOperation("POST", LANE + "/retry", "", OPERATOR),
                new ApiOperation("POST", LANE + "/park", "", OPERATOR),
                new ApiOperation("POST", LANE + "/resume", "", OPERATOR),
                new ApiOperation("POST", LANE + "/skip", "{\"event\":\"0-AAAAAAAAAAAAAAAAAAA-1\"}", OPERATOR),
                new ApiOperation("GET", "/events", "", OPERATOR),
                new ApiOperation("GET", "/ops/dead-letters", "", OPERATOR),
                new ApiOperation("GET", LETTER, "", OPERATOR),
                new ApiOperation("DELETE", LETTER, "", OPERATOR),
                new ApiOperation("GET", LETTER + "/body", "", INSPECTOR),
                new ApiOperation("POST", "/ops/dead-letters/redrive", "{\"target\":\"erp\"}", OPERATOR),
                new ApiOperation("GET", "/ops/jobs", "", OPERATOR),
                new ApiOperation("GET", JOB, "", OPERATOR),
                new ApiOperation("POST", JOB + "/cancel", "", OPERATOR),
                new ApiOperation("GET", "/ops/targets", "", OPERATOR),
                new ApiOperation("GET", "/ops/targets/erp", "", OPERATOR),
                new ApiOperation("POST", "/ops/targets/erp/replay", "{\"since\":\"2026-01-31T03:00:00Z\"}", OPERATOR),
                new ApiOperation("POST", "/ops/targets/erp/pause", "", OPERATOR),
                new ApiOperation("POST", "/ops/targets/erp/resume", "", OPERATOR));
    }

    Answer through(ApiClient client) {
        return client.send(method, path, body);
    }
}
