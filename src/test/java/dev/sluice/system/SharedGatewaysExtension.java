package dev.sluice.system;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Passes {@link SharedGateways} to the constructors of tests. The first test that asks starts them, and the end of the JVM stops them. */
final class SharedGatewaysExtension implements ParameterResolver {
    private static SharedGateways gateways;

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == SharedGateways.class;
    }

    @Override
    public SharedGateways resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return gateways();
    }

    /** JUnit's store would end too early: Failsafe runs each class of a forked JVM as a separate test run, and the store ends with the run. */
    private static synchronized SharedGateways gateways() {
        if (gateways == null) {
            gateways = new SharedGateways();
            Runtime.getRuntime().addShutdownHook(new Thread(gateways::close, "shared gateways"));
        }
        return gateways;
    }
}
