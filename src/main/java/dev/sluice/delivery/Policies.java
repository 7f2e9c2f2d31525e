package dev.sluice.delivery;

import dev.sluice.target.Target;
import java.util.Map;

/**
 * All policies, by name.
 *
 * @param byName holds every name that a target bears
 */
public record Policies(Map<String, Policy> byName) {

    /** The policy under which a target is called. */
    public Policy of(Target target) {
        Policy policy = byName.get(target.policy());
        if (policy == null) {
            throw new IllegalArgumentException("target " + target.name() + " names an unknown policy");
        }
        return policy;
    }
}
