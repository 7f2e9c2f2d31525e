package dev.sluice.system;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands {@link TwoGateways} to the constructors of tests: started for the first one that asks, the same for all of them, and closed
 * when the last test of the run is over.
 */
final class SharedGateways implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(SharedGateways.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == TwoGateways.class;
    }

    @Override
    public TwoGateways resolveParameter(ParameterContext parameter, ExtensionContext test) {
        // The root's store closes what is in it.
        return test.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(TwoGateways.class, type -> new TwoGateways(), TwoGateways.class);
    }
}
