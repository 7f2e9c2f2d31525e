package dev.sluice;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;

/**
 * Starts the gateway; or, with {@code health} as its first argument, asks the one that runs beside it how it is and ends with 0 when it is
 * well and with 1 when it is not: for a container's health check, in an image that has nothing to ask with. A second argument says where
 * to ask, if not at {@code http://127.0.0.1:9000/q/health/live}.
 */
@QuarkusMain
public final class Main {
    private static final String HEALTH = "health";
    private static final String ORDINARY = "http://127.0.0.1:9000/q/health/live";
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private Main() {}

    public static void main(String... args) {
        if (args.length > 0 && args[0].equals(HEALTH)) {
            System.exit(isWell(args.length > 1 ? args[1] : ORDINARY) ? 0 : 1);
        }
        Quarkus.run(args);
    }

    private static boolean isWell(String url) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout((int) PATIENCE.toMillis());
            connection.setReadTimeout((int) PATIENCE.toMillis());
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }
}
