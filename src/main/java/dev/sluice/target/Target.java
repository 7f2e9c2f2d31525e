package dev.sluice.target;

import dev.sluice.event.Findings;
import dev.sluice.signature.Signer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A downstream HTTP endpoint.
 *
 * @param name its name in configuration, lanes, metrics and logs
 * @param url where events are POSTed to; http or https
 * @param sources the names of the sources whose events it wants; empty means all
 * @param events the event types it wants; empty means all
 * @param filters what must hold of the body of an event that it wants
 * @param policy the name of the policy under which it is called
 * @param ordered whether it gets the events of a lane in order; false makes each event a lane of its own
 * @param enabled whether events go out to it; while it is false they wait
 * @param signer gives what signs the messages to it, when one is to be signed: secrets are not kept open; empty leaves them
 *     unsigned
 * @param headers static headers added to every request
 * @param connection how it is connected to
 */
public record Target(
        String name,
        URI url,
        Set<String> sources,
        List<Glob> events,
        Filters filters,
        String policy,
        boolean ordered,
        boolean enabled,
        Supplier<Optional<Signer>> signer,
        Map<String, String> headers,
        Connection connection) {

    /** With this the names of registered webhooks begin, and those of no others. */
    public static final String REGISTERED = "wh_";

    /** Under this name registered webhooks are counted together, in metrics. */
    public static final String ALL_REGISTERED = "webhooks";

    /** Whether a target of that name is a registered webhook. */
    public static boolean isRegistered(String name) {
        return name.startsWith(REGISTERED);
    }

    /** The label of a target in metrics: there may be any number of registered webhooks. */
    public static String label(String name) {
        return isRegistered(name) ? ALL_REGISTERED : name;
    }

    /** Whether it wants an event of this source and type, with that in its body. */
    public boolean wants(String source, String type, Findings body) {
        return (sources.isEmpty() || sources.contains(source))
                && (events.isEmpty() || events.stream().anyMatch(glob -> glob.matches(type)))
                && filters.hold(body);
    }
}
