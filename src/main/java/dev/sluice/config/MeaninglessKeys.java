package dev.sluice.config;

import io.smallrye.config.EnvConfigSource;
import java.util.NoSuchElementException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/**
 * Finds the properties under {@code sluice.} that mean nothing, because there is no such key or no value: neither a misspelt key
 * nor a secret out of a variable that is not set may leave a default in force unseen.
 */
final class MeaninglessKeys {
    private static final String NAME = "(\"[^\"]+\"|[^.]+)";
    private static final Pattern KNOWN = Pattern.compile("sluice\\.("
            + "sources\\." + NAME + "\\.(scheme|secrets|signature\\.(header|prefix|encoding)|type|timestamp|ordering"
            + "|ordering-key|ordering-key\\.missing|stale|stale\\.by|unreadable|dedup\\.(id|window)|retry-window|history|retention"
            + "|durability|durability\\.replicas)"
            + "|targets\\." + NAME
            + "\\.(url|sources|events|policy|ordering|secret|previous-secret|signatures|backlog|headers\\..+|tls|proxy"
            + "|auth\\.(basic\\.(username|password)|bearer|oauth2))"
            + "|targets\\." + NAME + "\\.filters\\[[0-9]+]"
            + "\\.(pointer|equals|in|glob|exists|greater-than|at-least|less-than|at-most)"
            + "|(policies|targets)\\." + NAME + "\\.(timeout|connect-timeout|concurrency|address-guard"
            + "|rate-limit\\.(max|window|scope)"
            + "|circuit\\.(window|failure-ratio|delay|successes)"
            + "|retry\\.(initial|factor|max-delay|window|delays|jitter)|final|on-exhausted"
            + "|backlog\\.(max|max\\.bytes|full)|dead-letters\\.max(\\.bytes)?)"
            + "|lanes\\.(partitions|lease|burst)"
            + "|redis\\.timeout"
            + "|webhooks\\.(sources|secret-overlap|concurrency|disable-after)"
            + "|address-guard\\.allow"
            + "|events\\.catalogue"
            + "|publish\\.(ordering|ordering-key|ordering-key\\.missing|stale|stale\\.by|dedup\\.window|history|retention"
            + "|durability|durability\\.replicas)"
            + "|history\\.max-events"
            + "|retention\\.max-bytes"
            + "|api\\.encryption-key"
            + "|api\\.keys\\." + NAME + "\\.(sha256|roles))");

    /**
     * What Kubernetes sets in every pod beside a Service whose name begins with "sluice", as SmallRye Config reads it: {@code
     * SLUICE_SERVICE_HOST}, {@code SLUICE_PORT_8080_TCP} ...
     */
    private static final Pattern OF_KUBERNETES =
            Pattern.compile("sluice\\.([^.]+\\.)?(service\\.(host|port.*)|port.*)");

    private static final Pattern NUMBERED = Pattern.compile("(.*filters\\[)([1-9][0-9]{0,8})]\\..*");

    private MeaninglessKeys() {}

    static void check(Config config, Faults faults) {
        for (String key : config.getPropertyNames()) {
            if (!key.startsWith("sluice.")) {
                continue;
            }
            if (!KNOWN.matcher(key).matches()) {
                if (isOfKubernetes(config, key)) {
                    continue;
                }
                faults.add(key, "there is no such key", "look it up in the README's configuration reference");
            } else if (isBehindAGap(config, key)) {
                faults.add(key, "there is none of the number before it", "number them from 0 on, without a gap");
            } else if (isEmpty(config, key)) {
                faults.add(
                        key,
                        "it is empty, or refers to a variable that is not set",
                        "give a value, or leave the key out to have its default");
            }
        }
    }

    private static boolean isOfKubernetes(Config config, String key) {
        return OF_KUBERNETES.matcher(key).matches()
                && config.getConfigValue(key).getSourceName().startsWith(EnvConfigSource.NAME);
    }

    /** Lists close their gaps: the faults of what follows would be told under other keys. */
    private static boolean isBehindAGap(Config config, String key) {
        Matcher numbered = NUMBERED.matcher(key);
        if (!numbered.matches()) {
            return false;
        }
        String before = numbered.group(1) + (Integer.parseInt(numbered.group(2)) - 1) + "].";
        return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .noneMatch(name -> name.startsWith(before));
    }

    private static boolean isEmpty(Config config, String key) {
        try {
            String value = config.getConfigValue(key).getValue();
            return value == null || value.isBlank();
        } catch (NoSuchElementException e) {
            return true;
        }
    }
}
