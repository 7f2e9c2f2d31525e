/**
 * Dev mode alone: an embedded Redis, and a demo source and target. Left out of what ships; nothing imports this package.
 */
@NullMarked
package dev.sluice.dev;

import org.jspecify.annotations.NullMarked;
