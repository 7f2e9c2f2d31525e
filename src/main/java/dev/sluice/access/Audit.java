package dev.sluice.access;

import dev.sluice.event.Story;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells in the log who changed what through the API: under a category of its own, {@code dev.sluice.audit}, which a handler can write
 * to a file of its own. Keys are named by their names in the configuration.
 */
@ApplicationScoped
public class Audit {
    private static final Logger LOG = Logger.getLogger("dev.sluice.audit");

    private final SecurityIdentity caller;

    Audit(SecurityIdentity caller) {
        this.caller = caller;
    }

    /** Who calls; to be asked before anything is waited for, as what comes after that may run beside another request. */
    public Caller caller() {
        return new Caller(caller.getPrincipal().getName());
    }

    /**
     * Who has called.
     *
     * @param key the name of the key
     */
    public record Caller(String key) {

        /** Tells what it did.
         *
         * @param step for example {@code lane parked}
         * @param fields names and values in turn; a null value is left out
         */
        public void did(String step, @Nullable Object... fields) {
            Story.tell(
                    LOG,
                    Logger.Level.INFO,
                    step,
                    Stream.concat(Arrays.stream(fields), Stream.of("key", key)).toArray());
        }
    }
}
