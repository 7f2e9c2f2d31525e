package dev.sluice.config;

import dev.sluice.signature.Seal;
import dev.sluice.signature.SealingKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The keys under which secrets are stored, out of their properties. */
final class SealSettings {
    private static final String ENCRYPTION_KEY = "encryption-key";
    private static final String MAKE_ONE = "make one with: openssl rand -base64 32";

    private SealSettings() {}

    static Seal read(SluiceProperties.Api properties, Faults faults) {
        Values values = new Values("sluice.api.", faults);
        List<SealingKey> keys = new ArrayList<>();
        for (String text : Values.list(properties.encryptionKey())) {
            key(text, values).ifPresent(key -> {
                if (keys.stream().anyMatch(other -> other.id().equals(key.id()))) {
                    values.fault(ENCRYPTION_KEY, "one of them is repeated", "remove the repetition");
                }
                keys.add(key);
            });
        }
        return new Seal(keys);
    }

    private static Optional<SealingKey> key(String text, Values values) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (bytes.length == SealingKey.BYTES) {
                return Optional.of(SealingKey.ofBytes(bytes));
            }
            values.fault(ENCRYPTION_KEY, "one of them is " + bytes.length + " bytes long, not 32", MAKE_ONE);
        } catch (IllegalArgumentException e) {
            values.fault(ENCRYPTION_KEY, "one of them is not base64", MAKE_ONE);
        }
        return Optional.empty();
    }
}
