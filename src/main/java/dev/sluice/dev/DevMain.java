package dev.sluice.dev;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Dev mode's own main: starts a real Redis before Quarkus needs one, and says how to try the gateway. Not annotated as the main
 * class, so that it is none in production.
 */
public class DevMain implements QuarkusApplication {
    private static final String HOSTS = "quarkus.redis.hosts";

    public static void main(String... args) {
        // The property outlives a live reload, and so does the server.
        if (System.getProperty(HOSTS) == null && System.getenv("QUARKUS_REDIS_HOSTS") == null) {
            EmbeddedRedis redis =
                    EmbeddedRedis.start(Path.of("target", "dev-redis"), "--save", "", "--appendonly", "yes");
            System.setProperty(HOSTS, redis.uri());
        }
        Quarkus.run(DevMain.class, args);
    }

    @Override
    public int run(String... args) {
        String body = "{\"event\":\"ORDER_STATUS_UPDATED\",\"timestamp\":\""
                + Instant.now().truncatedTo(ChronoUnit.SECONDS)
                + "\",\"data\":{\"orderId\":\"order-1\",\"status\":\"PAID\"}}";
        System.out.println("""

                Sluice listens on http://localhost:8080, and keeps its lanes in a Redis of its own at %s.
                The demo target shows what arrived:    curl -s http://localhost:8080/demo
                Kill it, and start it again:           curl -X POST http://localhost:8080/demo/stop
                                                       curl -X POST http://localhost:8080/demo/start
                Send it a signed event:

                body='%s'; curl -s http://localhost:8080/in/demo -H "X-Signature: sha256=$(printf %%s "$body" \
                | openssl dgst -sha256 -hmac demo-secret -r | cut -d' ' -f1)" -H 'Content-Type: application/json' \
                --data-binary "$body"
                """.formatted(System.getProperty(HOSTS), body));
        Quarkus.waitForExit();
        return 0;
    }
}
