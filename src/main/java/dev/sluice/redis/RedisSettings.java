package dev.sluice.redis;

import java.time.Duration;

/**
 * What the link to Redis is set up with.
 *
 * @param timeout after which a call counts as failed
 */
public record RedisSettings(Duration timeout) {}
