package dev.sluice.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** All keys that open the API. Where there are none it stays shut. */
public record ApiKeys(List<ApiKey> all) {

    /** Whether one of them is good for that. */
    public boolean anyMay(String role) {
        return all.stream().anyMatch(key -> key.roles().contains(role));
    }

    /**
     * The key that was presented, or null when there is no such key. Compares with every digest, also when one has matched, so
     * that neither a near miss nor which key it was shows in the time.
     */
    @Nullable
    ApiKey presentedAs(String text) {
        KeyDigest presented = KeyDigest.of(text);
        ApiKey found = null;
        for (ApiKey key : all) {
            for (KeyDigest digest : key.digests()) {
                if (digest.equals(presented)) {
                    found = key;
                }
            }
        }
        return found;
    }
}
