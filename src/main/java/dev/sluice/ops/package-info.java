/**
 * What operators see and do: how much waits for each target, and which of them are paused.
 */
@NullMarked
package dev.sluice.ops;

import org.jspecify.annotations.NullMarked;
