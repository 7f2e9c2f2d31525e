package dev.sluice.redis;

import java.util.List;

/** The Redis at hand, as it is set up, cannot keep what this gateway promises. */
public final class Unfit extends StoreUnavailable {
    private static final long serialVersionUID = 1L;

    Unfit(List<String> reasons) {
        super("this Redis will not do: " + String.join("; ", reasons));
    }
}
