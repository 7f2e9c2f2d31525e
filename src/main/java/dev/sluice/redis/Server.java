package dev.sluice.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one Redis server tells of itself.
 *
 * @param info what {@code INFO} answers, by name
 * @param configuration what could be read of its configuration; empty where that is forbidden, as it often is with a managed one
 */
record Server(Map<String, String> info, Map<String, String> configuration) {
    static final String APPENDFSYNC = "appendfsync";
    static final String MIN_REPLICAS = "min-replicas-to-write";

    private static final Pattern WHOLE = Pattern.compile("\\d{1,18}");
    private static final Pattern MAJOR_MINOR = Pattern.compile("(\\d+)\\.(\\d+)");

    /** For scripts that write after they asked for the time, ZADD LT and LPOS. */
    private static final int[] OLDEST = {6, 2};

    private static final int[] TOO_EARLY_FROM = {7, 4};
    private static final int[] TOO_EARLY_TO = {8, 0};

    /** The first that knows WAITAOF. */
    private static final int[] WITH_WAITAOF = {7, 2};

    /** Reads what {@code INFO} answers. */
    static Server read(String info, Map<String, String> configuration) {
        Map<String, String> figures = new HashMap<>();
        info.lines().filter(line -> line.contains(":") && !line.startsWith("#")).forEach(line -> {
            int colon = line.indexOf(':');
            figures.put(line.substring(0, colon), line.substring(colon + 1).trim());
        });
        return new Server(Map.copyOf(figures), configuration);
    }

    /** Chosen at random when the server process starts. */
    String runId() {
        return figure("run_id");
    }

    /** Whether it is still reading what it had, and answers nothing that is asked for it. */
    boolean isLoading() {
        return figure("loading").equals("1");
    }

    boolean isPrimary() {
        return figure("role").equals("master");
    }

    /** Of the figures that tell it the one that Redis and Valkey both have: Valkey has no {@code redis_mode}. */
    boolean isOfCluster() {
        return figure("cluster_enabled").equals("1");
    }

    /** Whether it tells when something is on its disk. */
    boolean knowsWaitaof() {
        return isAtLeast(WITH_WAITAOF);
    }

    /** Why what is promised cannot be kept on it, each with the mend; none when it can. */
    List<String> faults(Collection<Durability> promised) {
        List<String> faults = new ArrayList<>();
        if (!isAtLeast(OLDEST)) {
            faults.add("it is version " + figure("redis_version") + ", and 6.2 is the oldest that knows all commands");
        }
        String policy = info.get("maxmemory_policy");
        if (policy != null && !policy.equals("noeviction")) {
            faults.add(
                    "with maxmemory-policy " + policy + " it throws events away when it is full: set it to noeviction");
        }
        if (promised.contains(new Durability.Fsync())) {
            String fault = whyNotOnDisk();
            if (fault != null) {
                faults.add("durability=fsync cannot be kept: " + fault);
            }
        }
        return faults;
    }

    /** What an operator should know, though it is no reason not to start. */
    List<String> warnings(Collection<Durability> promised) {
        List<String> warnings = new ArrayList<>();
        if (!info.containsKey("maxmemory_policy")) {
            warnings.add("its maxmemory-policy cannot be read: see that it is noeviction");
        }
        int replicas = promised.stream()
                .mapToInt(durability -> durability instanceof Durability.Replicated wanted ? wanted.replicas() : 0)
                .max()
                .orElse(0);
        String least = configuration.get(MIN_REPLICAS);
        if (replicas > 0 && least == null) {
            warnings.add("its min-replicas-to-write cannot be read: see that it is " + replicas);
        } else if (replicas > 0 && Integer.parseInt(least) < replicas) {
            warnings.add(
                    "min-replicas-to-write is " + least + ": a primary that is cut off from its replicas goes on taking"
                            + " what is lost when one of them replaces it; set it to " + replicas);
        }
        return warnings;
    }

    /** In bytes; empty where it does not tell. */
    OptionalLong usedMemory() {
        return bytes("used_memory");
    }

    /** In bytes; empty where there is no limit. */
    OptionalLong maxMemory() {
        OptionalLong limit = bytes("maxmemory");
        return limit.orElse(0) == 0 ? OptionalLong.empty() : limit;
    }

    private @Nullable String whyNotOnDisk() {
        if (!appends()) {
            return "it keeps no append-only file: set appendonly yes";
        }
        if ("always".equals(configuration.get(APPENDFSYNC))) {
            return null;
        }
        if (!knowsWaitaof()) {
            return "version " + figure("redis_version")
                    + " does not tell when something is on its disk (7.2 does): set appendfsync always, and let this user"
                    + " read it (CONFIG GET)";
        }
        if (!"everysec".equals(configuration.get(APPENDFSYNC)) || tellsTooEarly()) {
            return "this version tells that something is on its disk before it is, unless it syncs each time: set"
                    + " appendfsync always, and let this user read it (CONFIG GET)";
        }
        return null;
    }

    /**
     * Whether WAITAOF may be answered up to a second too early under {@code everysec}: from the change of
     * <a href="https://github.com/redis/redis/pull/12622">12622</a> to its mend by <a
     * href="https://github.com/redis/redis/pull/13793">13793</a>, which Valkey 9.1 did not have.
     */
    private boolean tellsTooEarly() {
        String valkey = figure("valkey_version");
        return valkey.isEmpty() ? isAtLeast(TOO_EARLY_FROM) && !isAtLeast(TOO_EARLY_TO) : !valkey.startsWith("7.2.");
    }

    private boolean appends() {
        return figure("aof_enabled").equals("1");
    }

    private boolean isAtLeast(int[] version) {
        Matcher numbers = MAJOR_MINOR.matcher(figure("redis_version"));
        if (!numbers.lookingAt()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        return major > version[0] || (major == version[0] && minor >= version[1]);
    }

    private OptionalLong bytes(String name) {
        String figure = figure(name);
        return WHOLE.matcher(figure).matches() ? OptionalLong.of(Long.parseLong(figure)) : OptionalLong.empty();
    }

    private String figure(String name) {
        return info.getOrDefault(name, "");
    }
}
