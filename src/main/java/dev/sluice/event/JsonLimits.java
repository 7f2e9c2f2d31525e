package dev.sluice.event;

import com.fasterxml.jackson.core.StreamReadConstraints;

/**
 * How much JSON the house takes: as much as a body may hold. Only the depth is bounded besides, because each level costs
 * memory beyond its bytes; a long number, name or string costs no more than it is long.
 */
public final class JsonLimits {
    public static final int DEEPEST = 1_000;

    /** These limits, for a factory of parsers. */
    public static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxNumberLength(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE)
            .maxStringLength(Integer.MAX_VALUE)
            .build();

    private JsonLimits() {}
}
