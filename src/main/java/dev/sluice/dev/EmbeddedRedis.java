package dev.sluice.dev;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A real redis-server, for dev mode and tests, out of the jar that carries one for each common system. Never in production. */
public final class EmbeddedRedis implements AutoCloseable {
    private static final String VERSION = "7.0.15";
    private static final int READY_TRIES = 500;
    private static final int TRY_MILLIS = 20;
    private static final int STOP_SECONDS = 5;
    /**
     * Redis runs under a small shell whose standard input is a pipe that this JVM holds: however the JVM ends, also killed, the
     * pipe closes, and the shell ends Redis. The first line of the output is Redis' own pid.
     */
    private static final String WATCHED = """
            trap '' INT HUP QUIT
            exec 3<&0
            "$@" </dev/null 3<&- & redis=$!
            echo $redis > redis.pid
            trap 'kill $redis' TERM
            (trap - TERM; cat <&3 >/dev/null; kill -CONT $redis 2>/dev/null; kill $redis 2>/dev/null) & watch=$!
            exec 3<&-
            wait $redis; wait $redis 2>/dev/null
            kill $watch 2>/dev/null
            """;

    private final Process process;
    private final Path directory;
    private final int port;

    private EmbeddedRedis(Process process, Path directory, int port) {
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    /**
     * Starts a server on a free port.
     *
     * @param directory for its data; what an earlier server left there is loaded if {@code settings} keep data at all
     * @param settings of redis-server, for example {@code --appendonly yes}
     * @throws IllegalStateException if it does not start
     */
    public static EmbeddedRedis start(Path directory, String... settings) {
        return start(directory, freePort(), settings);
    }

    /** The same on a given port. */
    public static EmbeddedRedis start(Path directory, int port, String... settings) {
        return start(usual(), directory, port, settings);
    }

    /**
     * The same with a given server.
     *
     * @param server the resource that it is, which a jar has, or the absolute path of its file
     * @param settings may begin with a configuration file, which a Sentinel must have
     */
    public static EmbeddedRedis start(String server, Path directory, int port, String... settings) {
        try {
            Files.createDirectories(directory);
            List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", WATCHED, "embedded-redis"));
            command.add(extract(server, directory).toString());
            command.addAll(List.of(settings));
            command.addAll(List.of("--port", Integer.toString(port)));
            command.addAll(List.of("--bind", "127.0.0.1", "--logfile", "redis.log"));
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("out.log").toFile())
                    .start();
            EmbeddedRedis redis = new EmbeddedRedis(process, directory, port);
            redis.awaitReady();
            return redis;
        } catch (IOException e) {
            throw new IllegalStateException("Redis does not start in " + directory, e);
        }
    }

    /** The server that is started unless another one is given. */
    public static String usual() {
        return "redis-server-" + VERSION + "-" + platform();
    }

    /** This system, as the names of servers tell it: for example {@code linux-amd64}. */
    public static String platform() {
        return system() + "-" + architecture();
    }

    /**
     * Returns a free port that no other call returns, in this JVM or in another. Operating systems assign ports from 32768 up to outgoing
     * connections and to servers that ask for any port. This port is lower, so it stays free until its server starts, and while its server
     * restarts.
     *
     * @throws IllegalStateException if no port is free
     */
    public static int freePort() {
        return PortBlock.OF_THIS_JVM.next();
    }

    public int port() {
        return port;
    }

    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** The process id of redis-server itself. */
    public long pid() {
        try {
            return Long.parseLong(
                    Files.readString(directory.resolve("redis.pid")).trim());
        } catch (IOException e) {
            throw new IllegalStateException("Redis in " + directory + " has no pid", e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                // While it writes its first append-only file it does not heed being told to end.
                ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }

    private static Path extract(String name, Path directory) throws IOException {
        Path server = directory.resolve(name).toAbsolutePath();
        if (!Files.isExecutable(server)) {
            try (InputStream in = EmbeddedRedis.class.getClassLoader().getResourceAsStream(name)) {
                if (in == null) {
                    throw new IOException("there is no " + name + " for this system; set quarkus.redis.hosts");
                }
                Path half = Files.createTempFile(directory, "redis", ".tmp");
                Files.copy(in, half, StandardCopyOption.REPLACE_EXISTING);
                if (!half.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + half + " executable");
                }
                Files.move(half, server, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return server;
    }

    private static String system() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch", "")) {
            case "aarch64", "arm64" -> "arm64";
            case "x86", "i386" -> "386";
            default -> "amd64";
        };
    }

    private void awaitReady() throws IOException {
        for (int i = 0; i < READY_TRIES; i++) {
            if (!process.isAlive()) {
                throw new IOException("redis-server ended with " + process.exitValue());
            }
            if (answers()) {
                return;
            }
            try {
                Thread.sleep(TRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
        throw new IOException("redis-server is not ready in time");
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() == '+';
        } catch (IOException e) {
            return false;
        }
    }
}
