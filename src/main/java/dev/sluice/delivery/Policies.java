package dev.sluice.delivery;

import dev.sluice.target.Target;
import java.util.Map;

/**
 * All policies.
 *
 * @param byName holds every name that a target bears
 * @param byTarget those of the targets from configuration, which may differ from the one they name in single values
 */
public record Policies(Map<String, Policy> byName, Map<String, Policy> byTarget) {

    /** The policy under which a target is called. */
    public Policy of(Target target) {
        Policy policy = byTarget.containsKey(target.name()) ? byTarget.get(target.name()) : byName.get(target.policy());
        if (policy == null) {
            throw new IllegalArgumentException("target " + target.name() + " names an unknown policy");
        }
        return policy;
    }
}
