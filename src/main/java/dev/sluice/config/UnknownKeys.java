package dev.sluice.config;

import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/** Finds the properties under {@code sluice.} that mean nothing: a misspelt key must not leave a default in force unseen. */
final class UnknownKeys {
    private static final String NAME = "(\"[^\"]+\"|[^.]+)";
    private static final Pattern KNOWN = Pattern.compile("sluice\\.("
            + "sources\\." + NAME + "\\.(scheme|secrets|signature\\.(header|prefix|encoding)|type|timestamp|ordering"
            + "|ordering-key|ordering-key\\.missing|unreadable|dedup\\.(id|window)|retry-window)"
            + "|targets\\." + NAME + "\\.(url|sources|events|policy|ordering|secret|headers\\..+)"
            + "|policies\\." + NAME + "\\.(timeout|connect-timeout|concurrency"
            + "|retry\\.(initial|factor|max-delay|window|jitter)|on-exhausted)"
            + "|lanes\\.(partitions|lease|burst)"
            + "|redis\\.timeout)");

    private UnknownKeys() {}

    static void check(Config config, Faults faults) {
        for (String key : config.getPropertyNames()) {
            if (key.startsWith("sluice.") && !KNOWN.matcher(key).matches()) {
                faults.add(key, "there is no such key", "look it up in the README's configuration reference");
            }
        }
    }
}
