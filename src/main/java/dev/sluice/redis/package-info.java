/**
 * The way to Redis: one link, over which the scripts under {@code lua/} run. Knows neither events nor lanes.
 */
@NullMarked
package dev.sluice.redis;

import org.jspecify.annotations.NullMarked;
