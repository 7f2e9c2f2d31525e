package dev.sluice.target;

import dev.sluice.signature.Signer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A downstream HTTP endpoint.
 *
 * @param name its name in configuration, lanes, metrics and logs
 * @param url where events are POSTed to; http or https
 * @param sources the names of the sources whose events it wants; empty means all
 * @param events the event types it wants; empty means all
 * @param policy the name of the policy under which it is called
 * @param ordered whether it gets the events of a lane in order; false makes each event a lane of its own
 * @param signer signs what is sent to it; null sends it unsigned
 * @param headers static headers added to every request
 */
public record Target(
        String name,
        URI url,
        Set<String> sources,
        List<Glob> events,
        String policy,
        boolean ordered,
        @Nullable Signer signer,
        Map<String, String> headers) {

    /** Whether it wants an event of this source and type. */
    public boolean wants(String source, String type) {
        return (sources.isEmpty() || sources.contains(source))
                && (events.isEmpty() || events.stream().anyMatch(glob -> glob.matches(type)));
    }
}
