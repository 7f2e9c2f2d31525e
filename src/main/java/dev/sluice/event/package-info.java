/**
 * The event and how it is read out of an authentic body: type, timestamp, ordering key, dedup id, and in the same pass what others
 * want to know of the body. Knows neither HTTP nor Redis.
 */
@NullMarked
package dev.sluice.event;

import org.jspecify.annotations.NullMarked;
