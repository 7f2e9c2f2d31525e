package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a pod of the three Redis sets itself up: the script of the manifests, run by a shell. What the others say is made up. */
class RedisStartTest {
    private static final Path COMPONENT = Path.of("deploy", "kubernetes", "components", "redis-sentinel");

    @TempDir
    private Path directory;

    private Path data;
    private Path others;

    @BeforeEach
    void layOut() throws IOException {
        data = Files.createDirectories(directory.resolve("data"));
        others = directory.resolve("others-say");
        Path client = Files.writeString(
                Files.createDirectories(directory.resolve("bin")).resolve("redis-cli"),
                "#!/bin/sh\n[ -f '" + others + "' ] && cat '" + others + "'\n");
        Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theFirstOneIsThePrimaryTheFirstTime() throws Exception {
        start("redis-0");
        assertThat(redis()).noneMatch(line -> line.startsWith("replicaof"));
        assertThat(redis()).contains("replica-announce-ip redis-0.redis", "maxmemory-policy noeviction");
        assertThat(sentinel())
                .contains("sentinel monitor sluice redis-0.redis 6379 2", "sentinel announce-ip redis-0.redis");
        start("redis-1");
        assertThat(redis()).contains("replica-announce-ip redis-1.redis");
    }

    @Test
    void anotherOneFollowsItTheFirstTime() throws Exception {
        start("redis-2");
        assertThat(redis()).contains("replicaof redis-0.redis 6379", "replica-announce-ip redis-2.redis");
    }

    /** What it has is older: as the primary once more it would take back what was answered 200 meanwhile. */
    @Test
    void onceThePrimaryItComesBackAsTheReplicaOfWhoeverIsNow() throws Exception {
        start("redis-0");
        Files.writeString(others, "redis-1.redis\n6379\n");
        start("redis-0");
        assertThat(redis()).contains("replicaof redis-1.redis 6379");
        assertThat(sentinel()).contains("sentinel monitor sluice redis-1.redis 6379 2");
        Files.delete(others);
        start("redis-0");
        assertThat(redis()).as("as it was").contains("replicaof redis-1.redis 6379");
    }

    @Test
    void whoeverIsThePrimaryStaysItWhenItIsBackBeforeAnybodyTookOver() throws Exception {
        Files.writeString(others, "redis-1.redis\n6379\n");
        start("redis-1");
        assertThat(redis()).noneMatch(line -> line.startsWith("replicaof"));
        Files.delete(others);
        start("redis-1");
        assertThat(redis()).noneMatch(line -> line.startsWith("replicaof"));
        assertThat(sentinel()).contains("sentinel monitor sluice redis-1.redis 6379 2");
    }

    @Test
    void whatIsNoAnswerIsNone() throws Exception {
        Files.writeString(others, "ERR unknown command\n");
        start("redis-2");
        assertThat(redis()).contains("replicaof redis-0.redis 6379");
    }

    @Test
    void theManifestsHoldAndWhatSentinelKnewIsKept() throws Exception {
        Files.writeString(data.resolve("redis.conf"), "maxmemory 1mb\nreplicaof \"redis-2.redis\" 6379\n");
        Files.writeString(data.resolve("sentinel.conf"), """
                sentinel monitor sluice redis-2.redis 6379 2
                sentinel down-after-milliseconds sluice 1
                sentinel myid 0123456789012345678901234567890123456789
                sentinel config-epoch sluice 7
                sentinel known-replica sluice redis-0.redis 6379
                sentinel current-epoch 8
                """);
        start("redis-0");
        start("redis-0");
        assertThat(redis()).contains("replicaof redis-2.redis 6379").doesNotContain("maxmemory 1mb");
        assertThat(sentinel())
                .contains(
                        "sentinel down-after-milliseconds sluice 5000",
                        "sentinel myid 0123456789012345678901234567890123456789",
                        "sentinel config-epoch sluice 7",
                        "sentinel known-replica sluice redis-0.redis 6379",
                        "sentinel current-epoch 8")
                .doesNotContain("sentinel down-after-milliseconds sluice 1")
                .doesNotHaveDuplicates();
    }

    private void start(String pod) {
        ProcessBuilder script =
                new ProcessBuilder("sh", COMPONENT.resolve("start.sh").toString());
        script.environment().put("HOSTNAME", pod);
        script.environment().put("DATA", data.toString());
        script.environment().put("CONFIG", COMPONENT.toString());
        script.environment().merge("PATH", directory.resolve("bin").toString(), (path, first) -> first + ":" + path);
        Tool.run(script);
    }

    private List<String> redis() throws IOException {
        return Files.readAllLines(data.resolve("redis.conf"));
    }

    private List<String> sentinel() throws IOException {
        return Files.readAllLines(data.resolve("sentinel.conf"));
    }
}
