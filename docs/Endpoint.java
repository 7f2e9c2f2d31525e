import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An endpoint to try webhooks with: {@code java docs/Endpoint.java 9999}. Shows what arrives, and keeps the last body in
 * last.body and its headers in last.headers. {@code curl -X PUT localhost:9999/500} makes it answer 500 from then on.
 */
public class Endpoint {
    public static void main(String... args) throws IOException {
        AtomicInteger status = new AtomicInteger(200);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
        server.createContext("/", request -> {
            byte[] body = request.getRequestBody().readAllBytes();
            if (request.getRequestMethod().equals("PUT")) {
                status.set(Integer.parseInt(request.getRequestURI().getPath().substring(1)));
            } else {
                show(request, body, status.get());
            }
            request.sendResponseHeaders(request.getRequestMethod().equals("PUT") ? 200 : status.get(), -1);
            request.close();
        });
        server.start();
    }

    private static void show(HttpExchange request, byte[] body, int status) throws IOException {
        StringBuilder headers = new StringBuilder();
        request.getRequestHeaders().forEach((name, values) -> headers.append(name.toLowerCase())
                .append(": ")
                .append(String.join(", ", values))
                .append('\n'));
        Files.writeString(Path.of("last.headers"), headers);
        Files.write(Path.of("last.body"), body);
        System.out.printf(
                "%s %s sequence %s attempt %s %s -> %d%n",
                LocalTime.now().withNano(0),
                request.getRequestURI(),
                request.getRequestHeaders().getFirst("Webhook-Sequence"),
                request.getRequestHeaders().getFirst("Webhook-Attempt"),
                new String(body),
                status);
    }
}
