/**
 * What operators see: how much waits for each target.
 */
@NullMarked
package dev.sluice.ops;

import org.jspecify.annotations.NullMarked;
