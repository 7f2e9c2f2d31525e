package dev.sluice.access;

import java.util.List;
import java.util.Set;

/**
 * A key that opens the API.
 *
 * @param name its name in configuration and log; never the key itself
 * @param digests what it is recognised by: more than one while it is being rotated
 * @param roles what it is good for, out of {@link Roles}
 */
public record ApiKey(String name, List<KeyDigest> digests, Set<String> roles) {}
