package dev.sluice.redis;

import java.time.Duration;
import java.util.Set;

/**
 * What the link to Redis is set up with.
 *
 * @param timeout after which a call counts as failed
 * @param promised how safe Redis must be able to keep things
 */
public record RedisSettings(Duration timeout, Set<Durability> promised) {}
