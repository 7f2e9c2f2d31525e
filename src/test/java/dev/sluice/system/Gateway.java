package dev.sluice.system;

import dev.sluice.Artifact;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The packaged gateway, a jar or a native binary, as a process of its own. */
public final class Gateway implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern LISTENING = Pattern.compile(
            "Listening on: http://127.0.0.1:(\\d+). Management interface listening on http://127.0.0.1:(\\d+)");

    private static final String SETTINGS = "application.properties";
    private static final String ONLY_C1 = "-XX:TieredStopAtLevel=1";

    private final Path directory;
    private final String redis;
    private final Supplier<List<String>> jvmOptions;
    private Map<String, String> environment = Map.of();
    private int port;
    private int managementPort;
    private long loggedBefore;
    private Process process;

    /**
     * The end of a gateway that stopped without a signal.
     *
     * @param log the log since its start
     */
    record Ended(int exitCode, String log) {}

    /**
     * Starts a gateway and waits until it is ready.
     *
     * @param directory for its configuration and log
     * @param settings everything under {@code sluice.}, and settings of Quarkus that differ from those of other tests
     */
    public Gateway(Path directory, String redis, Map<String, String> settings) {
        this(directory, redis, Gateway::quickStart);
        configure(settings);
        start();
    }

    private Gateway(Path directory, String redis, Supplier<List<String>> jvmOptions) {
        this.directory = directory;
        this.redis = redis;
        this.jvmOptions = jvmOptions;
    }

    /** Starts a gateway with the JVM options that ship and no others, for tests of memory and speed, and waits until it is ready. */
    public static Gateway asShipped(Path directory, String redis, Map<String, String> settings) {
        Gateway gateway = new Gateway(directory, redis, List::of);
        gateway.configure(settings);
        gateway.start();
        return gateway;
    }

    /** Starts a gateway that writes its class data into a file when it stops, and waits until it is ready. */
    static Gateway recording(Path directory, String redis, Map<String, String> settings, Path classArchive) {
        Gateway gateway = new Gateway(
                directory, redis, () -> List.of(ONLY_C1, "-XX:ArchiveClassesAtExit=" + classArchive.toAbsolutePath()));
        gateway.configure(settings);
        gateway.start();
        return gateway;
    }

    /** The JVM options of most tests: less processor time until the first request is answered, fewer requests per second. */
    private static List<String> quickStart() {
        return Artifact.isNative()
                ? List.of()
                : Stream.concat(Stream.of(ONLY_C1), ClassArchive.options().stream())
                        .toList();
    }

    /**
     * Starts a gateway as its image does, with the JVM options that ship and a configuration file in its working directory, and waits until
     * the gateway is ready.
     *
     * @param environment the environment variables that the file refers to as <code>${...}</code>
     */
    public static Gateway asInItsImage(
            Path directory, String redis, Path configuration, Map<String, String> environment) {
        Gateway gateway = new Gateway(directory, redis, List::of);
        try {
            Files.createDirectories(directory.resolve("config"));
            Files.copy(
                    configuration, directory.resolve("config").resolve(SETTINGS), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        gateway.environment = environment;
        gateway.start();
        return gateway;
    }

    /** Starts a gateway that cannot become ready, and waits until it listens. */
    static Gateway unready(Path directory, String redis, Map<String, String> settings) {
        Gateway gateway = new Gateway(directory, redis, Gateway::quickStart);
        gateway.configure(settings);
        gateway.launch();
        gateway.await("gateway listening", gateway::listens);
        return gateway;
    }

    /** Starts a gateway that refuses to run, and waits for its end. */
    static Ended ending(Path directory, String redis, Map<String, String> settings) {
        Gateway gateway = new Gateway(directory, redis, Gateway::quickStart);
        gateway.configure(settings);
        gateway.launch();
        try {
            gateway.process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
        } finally {
            gateway.kill();
        }
        return new Ended(gateway.process.exitValue(), gateway.loggedSinceStart());
    }

    /**
     * Replaces everything under {@code sluice.}, for the next start. Unless the settings say otherwise, the gateway stops without the delay
     * that load balancers need, and cuts attempts that hang after 3 seconds.
     */
    public void configure(Map<String, String> settings) {
        Map<String, String> all =
                new TreeMap<>(Map.of("quarkus.shutdown.delay", "0s", "quarkus.shutdown.timeout", "3s"));
        all.putAll(settings);
        try {
            Files.createDirectories(directory);
            Files.write(
                    directory.resolve(SETTINGS),
                    all.entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + entry.getValue())
                            .toList());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts the process, each time on other ports, and waits until it is ready. */
    public void start() {
        launch();
        await("gateway ready", () -> listens() && health("ready") == 200);
    }

    private void launch() {
        loggedBefore = logSize();
        List<String> options = new ArrayList<>(List.of("-Xmx88m"));
        options.addAll(jvmOptions.get());
        options.addAll(Map.of(
                        "quarkus.http.host",
                        "127.0.0.1",
                        "quarkus.http.port",
                        0,
                        "quarkus.management.host",
                        "127.0.0.1",
                        "quarkus.management.port",
                        0,
                        "quarkus.redis.hosts",
                        redis)
                .entrySet()
                .stream()
                .map(entry -> "-D" + entry.getKey() + "=" + entry.getValue())
                .toList());
        Path settings = directory.resolve(SETTINGS).toAbsolutePath();
        if (Files.exists(settings)) {
            options.add("-Dquarkus.config.locations=" + settings);
        }
        try {
            ProcessBuilder builder = new ProcessBuilder(Artifact.command(options))
                    .directory(environment.isEmpty() ? null : directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for a condition while the process is alive. */
    private void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what).atMost(Duration.ofSeconds(60)).until(() -> {
                if (!process.isAlive()) {
                    throw new IllegalStateException("the gateway ended:\n" + logged());
                }
                return condition.call();
            });
        } catch (ConditionTimeoutException e) {
            String state = describeState();
            kill();
            throw new IllegalStateException("Timed out waiting for: " + what + "; " + state, e);
        }
    }

    /** Returns the health checks, the log and, at its end, a thread dump of a JVM. */
    private String describeState() {
        String health = get("/q/health").map(HttpResponse::body).orElse("no answer");
        if (Artifact.isNative()) {
            return health + "\n" + logged();
        }
        try {
            signal("QUIT");
            Awaitility.await("thread dump").until(() -> logged().contains("Full thread dump"));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return health + "\n" + logged();
    }

    public long pid() {
        return process.pid();
    }

    public URI in(String source) {
        return uri("/in/" + source);
    }

    /** The URI of a path, which is not encoded again. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** The HTTP status of a health check, 0 without a response. */
    public int health(String check) {
        return get("/q/health/" + check).map(HttpResponse::statusCode).orElse(0);
    }

    /** The value of a metric, named as in the Prometheus format, or 0 if the gateway does not report it. */
    public double metric(String nameAndTags) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(nameAndTags + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(nameAndTags.length() + 1)))
                .sum();
    }

    /** Waits until the gateway has sent this many more heartbeats. Use it to let time pass at the pace of the gateway. */
    public void awaitHeartbeats(int count) {
        String heartbeats = "sluice_redis_seconds_count{script=\"heartbeat\"}";
        double before = metric(heartbeats);
        await(count + " heartbeats", () -> metric(heartbeats) >= before + count);
    }

    /** The URI that Prometheus scrapes. */
    public URI metricsUri() {
        return URI.create("http://127.0.0.1:" + managementPort + "/q/metrics");
    }

    /** All metrics in the Prometheus format. */
    public String metrics() {
        return get("/q/metrics").map(HttpResponse::body).orElse("");
    }

    public String logged() {
        try {
            return Files.readAllLines(log()).stream().collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The log since the last start. The file also holds the logs of earlier starts and test runs. */
    String loggedSinceStart() {
        try (InputStream log = Files.newInputStream(log())) {
            log.skipNBytes(loggedBefore);
            return new String(log.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGKILL and waits for the end of the process. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a signal to the process. The name has no {@code SIG}. */
    public void signal(String name) throws IOException, InterruptedException {
        Signals.send(name, process.pid());
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(40, TimeUnit.SECONDS).join();
    }

    private Optional<HttpResponse<String>> get(String path) {
        try {
            return Optional.of(HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path log() {
        return directory.resolve("gateway.log");
    }

    private long logSize() {
        try {
            return Files.exists(log()) ? Files.size(log()) : 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the log of this start has the ports, which are stored here. */
    private boolean listens() {
        Matcher ports = LISTENING.matcher(loggedSinceStart());
        boolean listens = ports.find();
        if (listens) {
            port = Integer.parseInt(ports.group(1));
            managementPort = Integer.parseInt(ports.group(2));
        }
        return listens;
    }
}
