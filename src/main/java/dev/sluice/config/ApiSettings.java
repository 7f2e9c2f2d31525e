package dev.sluice.config;

import dev.sluice.access.ApiKey;
import dev.sluice.access.ApiKeys;
import dev.sluice.access.KeyDigest;
import dev.sluice.access.Roles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys of the API out of their properties. */
final class ApiSettings {
    static final String SECTION = "sluice.api.keys.";

    /** What comes out when the key is hashed before it is there. */
    private static final KeyDigest OF_NOTHING = KeyDigest.of("");

    private ApiSettings() {}

    static ApiKeys read(Map<String, SluiceProperties.Key> properties, Faults faults) {
        List<ApiKey> keys = new ArrayList<>();
        Map<KeyDigest, String> owners = new HashMap<>();
        new TreeMap<>(properties).forEach((name, key) -> {
            Values values = new Values(SECTION + name + ".", faults);
            List<KeyDigest> digests = digests(key.sha256(), values);
            for (KeyDigest digest : digests) {
                String owner = owners.putIfAbsent(digest, name);
                if (owner != null && !owner.equals(name)) {
                    values.fault("sha256", "'" + owner + "' has the same key", "give each name a key of its own");
                }
            }
            keys.add(new ApiKey(name, digests, roles(key.roles(), values)));
        });
        return new ApiKeys(List.copyOf(keys));
    }

    private static List<KeyDigest> digests(Optional<String> value, Values values) {
        if (value.isEmpty()) {
            values.fault("sha256", "it is missing", "give the SHA-256 of the key, as sha256sum prints it");
        }
        List<KeyDigest> digests = new ArrayList<>();
        for (String text : Values.list(value)) {
            Optional<KeyDigest> digest = KeyDigest.ofHex(text);
            if (digest.isEmpty()) {
                // Not the text: who mistakes this for the place of the key has written the key.
                values.fault(
                        "sha256",
                        "one of them is not 64 hexadecimal digits",
                        "give the SHA-256 of the key, as sha256sum prints it");
            } else if (digest.get().equals(OF_NOTHING)) {
                values.fault("sha256", "one of them is the SHA-256 of nothing", "hash the key itself");
            } else {
                digests.add(digest.get());
            }
        }
        return digests;
    }

    private static Set<String> roles(Optional<String> value, Values values) {
        String choice = "name one or several of " + new TreeSet<>(Roles.ALL);
        if (value.isEmpty()) {
            values.fault("roles", "it is missing", choice);
        }
        Set<String> roles = new HashSet<>();
        for (String text : Values.list(value)) {
            String role = text.toLowerCase(Locale.ROOT);
            if (Roles.ALL.contains(role)) {
                roles.add(role);
            } else {
                values.fault("roles", "there is no role '" + text + "'", choice);
            }
        }
        return Set.copyOf(roles);
    }
}
