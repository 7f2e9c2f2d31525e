package dev.sluice.system;

import dev.sluice.dev.EmbeddedRedis;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * The class data of a gateway that has handled requests, in a file that other gateways map into memory. A gateway that uses the archive
 * starts in about half of the time. The first test that starts a gateway makes the archive, once per build and JDK.
 *
 * <p>The archive never changes what a gateway does: the JVM compares the checksum of each class and ignores the archive where a class differs.
 */
final class ClassArchive {
    private static final Path DIRECTORY = Path.of("target", "class-archive").toAbsolutePath();
    private static final Path FILE = DIRECTORY.resolve("gateway-" + Runtime.version() + ".jsa");
    private static final Path UNFINISHED = DIRECTORY.resolve("unfinished.jsa");
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
    private static final int REQUESTS = 50;

    private ClassArchive() {}

    /** Returns the JVM options that use the archive. Waits while another process makes it. */
    static synchronized List<String> options() {
        try {
            Files.createDirectories(DIRECTORY);
            try (FileChannel channel = FileChannel.open(
                            DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !isCurrent()) {
                    make();
                }
            }
            return List.of("-XX:SharedArchiveFile=" + FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isCurrent() throws IOException {
        return Files.exists(FILE) && Files.getLastModifiedTime(FILE).compareTo(Files.getLastModifiedTime(JAR)) > 0;
    }

    /** Starts a gateway, uses what most tests use, and stops it, which writes the archive. */
    private static void make() throws IOException {
        Files.deleteIfExists(UNFINISHED);
        Vertx vertx = Vertx.vertx();
        try (EmbeddedRedis redis = EmbeddedRedis.start(DIRECTORY.resolve("redis"), "--save", "");
                RecordingTarget target = new RecordingTarget(vertx, Shop.TARGET_SECRET);
                Endpoint endpoint = new Endpoint(vertx);
                Gateway gateway = Gateway.recording(DIRECTORY, redis.uri(), settings(target), UNFINISHED)) {
            ApiClient manager = new ApiClient(gateway, WebhookConfiguration.MANAGER);
            manager.register(endpoint.url(), "ORDER");
            for (int i = 0; i < REQUESTS; i++) {
                manager.with(WebhookConfiguration.PUBLISHER).publish("ORDER", "o-" + i, 0);
                manager.with(WebhookConfiguration.OPERATOR).get("/ops/targets");
                gateway.metrics();
            }
            new Sender(List.of(() -> gateway.in("shop")), Shop.SIGNER).send("order", REQUESTS, REQUESTS, 1, 1);
            Awaitility.await()
                    .atMost(Deadlines.PATIENCE)
                    .until(() -> target.delivered() == REQUESTS && endpoint.count() == REQUESTS);
        } catch (Exception e) {
            throw new IllegalStateException("Failed to make the class archive " + FILE, e);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
        if (!Files.exists(UNFINISHED)) {
            throw new IllegalStateException("The JVM wrote no class archive: see " + DIRECTORY);
        }
        // Only a gateway that has stopped has written the whole file.
        Files.move(UNFINISHED, FILE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Map<String, String> settings(RecordingTarget target) {
        Map<String, String> settings = WebhookConfiguration.settings();
        settings.putAll(Shop.settings(Map.of("erp", target), "1s"));
        settings.put("sluice.targets.erp.sources", "shop");
        return settings;
    }
}
