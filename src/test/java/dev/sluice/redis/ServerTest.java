package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServerTest {
    private static final Set<Durability> NOTHING = Set.of(new Durability.Memory());
    private static final Set<Durability> DISK = Set.of(new Durability.Fsync());
    private static final Set<Durability> TWO_REPLICAS = Set.of(new Durability.Replicated(2), new Durability.Memory());

    @Test
    void oneThatDoesAllThatIsPromisedHasNoFault() {
        assertThat(server("7.0.15", "noeviction", true).faults(NOTHING)).isEmpty();
        assertThat(server("6.2.0", "noeviction", false).faults(NOTHING)).isEmpty();
        Map<String, String> everySecond = Map.of("appendfsync", "everysec");
        assertThat(server("7.2.0", "noeviction", true, everySecond).faults(DISK))
                .isEmpty();
        assertThat(server("10.0.1", "noeviction", true, everySecond).faults(DISK))
                .isEmpty();
        assertThat(server("7.0.15", "noeviction", true, Map.of("appendfsync", "always"))
                        .faults(DISK))
                .isEmpty();
    }

    @Test
    void oneThatCannotKeepWhatIsPromisedSaysWhyAndWhatToDo() {
        assertThat(server("6.0.16", "noeviction", true).faults(NOTHING))
                .containsExactly("it is version 6.0.16, and 6.2 is the oldest that knows all commands");
        assertThat(server("7.0.15", "allkeys-lru", true).faults(NOTHING))
                .containsExactly(
                        "with maxmemory-policy allkeys-lru it throws events away when it is full: set it to noeviction");
        assertThat(server("7.2.0", "noeviction", false).faults(DISK))
                .containsExactly("durability=fsync cannot be kept: it keeps no append-only file: set appendonly yes");
        assertThat(server("7.0.15", "noeviction", true).faults(DISK))
                .singleElement()
                .asString()
                .contains("7.0.15 does not tell when something is on its disk", "appendfsync always");
        assertThat(server("7.0.15", "noeviction", true, Map.of("appendfsync", "everysec"))
                        .faults(DISK))
                .hasSize(1);
        assertThat(server("6.0.16", "volatile-ttl", false).faults(DISK)).hasSize(3);
        // What it tells of its disk cannot be believed, or it syncs when the system likes, or nobody knows when.
        assertThat(server("7.4.2", "noeviction", true, Map.of("appendfsync", "everysec"))
                        .faults(DISK))
                .singleElement()
                .asString()
                .contains("before it is", "appendfsync always");
        assertThat(server("8.0.0", "noeviction", true, Map.of("appendfsync", "no"))
                        .faults(DISK))
                .hasSize(1);
        assertThat(server("8.0.0", "noeviction", true).faults(DISK)).hasSize(1);
    }

    @Test
    void whatCannotBeReadIsWarnedOf() {
        assertThat(server("7.0.15", "noeviction", true).warnings(NOTHING)).isEmpty();
        assertThat(new Server(Map.of("redis_version", "7.0.15"), Map.of()).faults(NOTHING))
                .isEmpty();
        assertThat(new Server(Map.of("redis_version", "7.0.15"), Map.of()).warnings(NOTHING))
                .containsExactly("its maxmemory-policy cannot be read: see that it is noeviction");
        assertThat(server("7.0.15", "noeviction", true).warnings(TWO_REPLICAS))
                .containsExactly("its min-replicas-to-write cannot be read: see that it is 2");
        assertThat(server("7.0.15", "noeviction", true, Map.of("min-replicas-to-write", "1"))
                        .warnings(TWO_REPLICAS))
                .singleElement()
                .asString()
                .contains("min-replicas-to-write is 1", "set it to 2");
        assertThat(server("7.0.15", "noeviction", true, Map.of("min-replicas-to-write", "2"))
                        .warnings(TWO_REPLICAS))
                .isEmpty();
    }

    @Test
    void oneThatStillReadsItsDataIsKnown() {
        assertThat(Server.read("loading:1\r\nrole:master\r\n", Map.of()).isLoading())
                .isTrue();
        assertThat(Server.read("loading:0\r\nrole:master\r\n", Map.of()).isLoading())
                .isFalse();
    }

    @Test
    void whatItUsesOfItsMemoryAndMayUseIsRead() {
        Server limited = Server.read("used_memory:1048576\r\nmaxmemory:2097152\r\n", Map.of());
        assertThat(limited.usedMemory()).hasValue(1_048_576);
        assertThat(limited.maxMemory()).hasValue(2_097_152);
        assertThat(Server.read("maxmemory:0\r\n", Map.of()).maxMemory()).isEmpty();
        assertThat(Server.read("", Map.of()).usedMemory()).isEmpty();
        assertThat(Server.read("used_memory:1.5G\r\n", Map.of()).usedMemory()).isEmpty();
    }

    @Test
    void aNodeOfAClusterIsKnownWhoeverMadeIt() {
        String ofRedis = "redis_version:7.0.15\r\nredis_mode:cluster\r\n# Cluster\r\ncluster_enabled:1\r\n";
        String ofValkey = "redis_version:7.2.4\r\nserver_mode:cluster\r\n# Cluster\r\ncluster_enabled:1\r\n";
        assertThat(Server.read(ofRedis, Map.of()).isOfCluster()).isTrue();
        assertThat(Server.read(ofValkey, Map.of()).isOfCluster()).isTrue();
        assertThat(Server.read(ofRedis.replace("enabled:1", "enabled:0"), Map.of())
                        .isOfCluster())
                .isFalse();
    }

    private static Server server(String version, String policy, boolean appends) {
        return server(version, policy, appends, Map.of());
    }

    private static Server server(String version, String policy, boolean appends, Map<String, String> configuration) {
        String info = String.join(
                "\r\n",
                List.of(
                        "# Server",
                        "redis_version:" + version,
                        "run_id:42",
                        "",
                        "# Persistence",
                        "aof_enabled:" + (appends ? 1 : 0),
                        "# Memory",
                        "maxmemory_policy:" + policy,
                        "# Replication",
                        "role:master"));
        Server server = Server.read(info, configuration);
        assertThat(server.isPrimary()).isTrue();
        assertThat(server.runId()).isEqualTo("42");
        return server;
    }
}
