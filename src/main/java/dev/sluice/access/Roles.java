package dev.sluice.access;

import java.util.Set;

/** What a key may be good for. */
public final class Roles {
    /** Registering, changing and removing webhooks. */
    public static final String MANAGE = "manage";

    /** Publishing events and seeing where they stand. */
    public static final String PUBLISH = "publish";

    /** Looking at lanes, targets and dead letters, and stepping in. */
    public static final String OPERATE = "operate";

    /** Looking at the bodies of events. */
    public static final String INSPECT = "inspect";

    public static final Set<String> ALL = Set.of(MANAGE, PUBLISH, OPERATE, INSPECT);

    private Roles() {}
}
