/**
 * Where events go: the targets and which events each of them wants.
 */
@NullMarked
package dev.sluice.target;

import org.jspecify.annotations.NullMarked;
