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

/** The packaged gateway as a process of its own: what the build has made, be it a jar or a native binary. */
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
     * What a gateway left that ended by itself.
     *
     * @param log what it logged in its life
     */
    record Ended(int exitCode, String log) {}

    /**
     * Starts one and waits until it is ready.
     *
     * @param directory for its configuration and log
     * @param settings everything under {@code sluice.}, and what of Quarkus' own is not to be as in the other tests
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

    /** Starts one with the JVM options that ship and no others, for tests of memory and speed, and waits until it is ready. */
    public static Gateway asShipped(Path directory, String redis, Map<String, String> settings) {
        Gateway gateway = new Gateway(directory, redis, List::of);
        gateway.configure(settings);
        gateway.start();
        return gateway;
    }

    /** Starts one that writes its class data into a file when it stops, and waits until it is ready. */
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
     * Starts one as its image does, and waits until it is ready: with a file for its configuration that it finds where it runs, as it
     * is.
     *
     * @param environment what the file names by <code>${...}</code>
     */
    public static Gateway asInItsImage(
            Path directory, String redis, Path configuration, Map<String, String> environment) {
        Gateway gateway = new Gateway(directory, redis, Gateway::quickStart);
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

    /** Starts one whose Redis is not as it should be, and waits until it listens. */
    static Gateway unready(Path directory, String redis, Map<String, String> settings) {
        Gateway gateway = new Gateway(directory, redis, Gateway::quickStart);
        gateway.configure(settings);
        gateway.launch();
        gateway.await("gateway listening", gateway::listens);
        return gateway;
    }

    /** Starts one that cannot go on, and waits for its end. */
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

    /** Starts it, each time on ports that nobody else has. */
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

    /** While it lives. */
    private void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what).atMost(Duration.ofSeconds(60)).until(() -> {
                if (!process.isAlive()) {
                    throw new IllegalStateException("the gateway ended:\n" + logged());
                }
                return condition.call();
            });
        } catch (ConditionTimeoutException e) {
            String does = whatItDoes();
            kill();
            throw new IllegalStateException("waited in vain for: " + what + "; " + does, e);
        }
    }

    /** Its health checks, its log and, at the end of that, what each thread of a JVM is at. */
    private String whatItDoes() {
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

    /** The URI of a path, which goes out as it is written here. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** The HTTP status of a health check, 0 when nothing answers. */
    public int health(String check) {
        return get("/q/health/" + check).map(HttpResponse::statusCode).orElse(0);
    }

    /** The value of the metric that is written so in the Prometheus format, 0 when there is none. */
    public double metric(String nameAndTags) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(nameAndTags + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(nameAndTags.length() + 1)))
                .sum();
    }

    /** Waits until the gateway has sent this many more heartbeats: the passing of time as the gateway experiences it. */
    public void awaitHeartbeats(int count) {
        String heartbeats = "sluice_redis_seconds_count{script=\"heartbeat\"}";
        double before = metric(heartbeats);
        await(count + " heartbeats", () -> metric(heartbeats) >= before + count);
    }

    /** Where Prometheus looks. */
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

    /** Without what was logged before it was started last, in this run of the tests or in another. */
    String loggedSinceStart() {
        try (InputStream log = Files.newInputStream(log())) {
            log.skipNBytes(loggedBefore);
            return new String(log.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As if the machine were gone: SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a signal to the process, by its name without {@code SIG}. */
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

    /** Whether it has told where it listens since it was started last. */
    private boolean listens() {
        Matcher told = LISTENING.matcher(loggedSinceStart());
        boolean listens = told.find();
        if (listens) {
            port = Integer.parseInt(told.group(1));
            managementPort = Integer.parseInt(told.group(2));
        }
        return listens;
    }
}
