package dev.sluice.lane;

import java.util.List;
import java.util.Optional;

/**
 * Part of a list.
 *
 * @param items there may be fewer than were asked for and still a next page
 * @param next behind which place the next page begins; empty when there is none
 */
public record Page<T>(List<T> items, Optional<Position> next) {}
