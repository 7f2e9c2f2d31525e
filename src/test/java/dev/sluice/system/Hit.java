package dev.sluice.system;

/**
 * Two requests of one lane that should not have been made as they were.
 *
 * @param rule which rule that breaks
 * @param first the one that began first
 * @param second the one that began then
 */
public record Hit(String rule, Arrival first, Arrival second) {}
