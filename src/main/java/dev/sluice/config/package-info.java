/**
 * Configuration: maps the properties under {@code sluice.}, reports every fault in them at once, and produces what the other
 * packages are built from. Nothing imports this package.
 */
@NullMarked
package dev.sluice.config;

import org.jspecify.annotations.NullMarked;
